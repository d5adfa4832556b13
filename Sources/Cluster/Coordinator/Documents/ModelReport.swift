import Bytes
import Domain
import Propensity

/// What is told of a model: where it came from and how good it is.
///
/// Everything comes from the model and the rows it was learned from, and nothing from how they were
/// divided: so reports of equal models are equal.
package enum ModelReport {
  /// Under this area under the curve there is little to be learned.
  package static let areaMin = 0.65

  static func document(of result: TrainingCourse.Result) -> Value {
    let model = result.model
    let labels = model.labels
    return .known([
      "rows": .count(labels.rows),
      "positives": .count(labels.positives),
      "trainingRows": .count(labels.trainingRows),
      "trainingPositives": .count(labels.trainingPositives),
      "holdOutRows": .count(labels.holdOutRows),
      "holdOutPositives": .count(labels.holdOutPositives),
      "baseRate": .double(Double(labels.positives) / Double(max(1, labels.rows))),
      "cutOffs": .array(result.rows.cutOffs.map { .instant($0) }),
      "outOfTime": result.rows.outOfTime.flatMap { cutOff in
        model.outOfTime.map { outOfTime(cutOff, $0, model.calibration) }
      },
      "window": model.window.map {
        .known(["start": .instant($0.start), "end": .instant($0.end)])
      },
      "trees": .count(model.trees.count),
      "features": .array(features(of: result)),
      "unused": .array(
        result.findings.unused.map {
          .known(["name": .string($0.name), "reason": .string($0.reason.rawValue)])
        }
      ),
      "omitted": .array(
        result.findings.omitted.map {
          .known(["name": .string($0.name), "reason": .string($0.reason)])
        }
      ),
      "leaks": .array(FindingsReport.leaks(of: result.findings)),
      "calibration": .string(word(of: model.calibration)),
      "quality": model.quality.map { quality($0, model.calibration) },
      "warnings": .array(
        (result.findings.remarks.map(\.string) + FindingsReport.leakWarnings(of: result.findings)
          + FindingsReport.numericTextWarnings(of: result.findings)
          + warnings(of: model)).map { .string($0) }
      ),
    ])
  }

  /// Every feature with how many splits test it, the most used first.
  private static func features(of result: TrainingCourse.Result) -> [Value] {
    let model = result.model
    let passedOver = result.findings.passedOver
    let splits = model.splitCounts
    let order = splits.indices.sorted {
      splits[$0] != splits[$1] ? splits[$0] > splits[$1] : $0 < $1
    }
    return order.filter { model.features[$0].isUseful && !passedOver.contains($0) }.map { index in
      .known([
        "name": .string(model.features[index].name),
        "kind": .string(model.features[index].kind == .numeric ? "numeric" : "categorical"),
        "splits": .count(splits[index]),
        "areaAlone": FindingsReport.area(of: index, result.findings),
      ])
    }
  }

  static func quality(_ quality: ModelQuality, _ calibration: Calibration) -> Value {
    let gains = GainsTable(quality.margins).deciles.map { decile in
      Value.known([
        "rows": .double(decile.rowCount),
        "positives": .double(decile.positiveCount),
        "lift": .double(decile.lift),
        "cumulativeGain": .double(decile.cumulativeGain),
        "cumulativeLift": .double(decile.cumulativeLift),
      ])
    }
    let groups = ReliabilityTable(margins: quality.margins, calibration: calibration).groups
    let reliability = groups.map { group in
      Value.known([
        "rows": .count(group.rowCount),
        "positives": .count(group.positiveCount),
        "meanProbability": .double(group.meanProbability),
        "actualRate": .double(group.actualRate),
      ])
    }
    return .known([
      "rows": .count(quality.margins.rowCount),
      "positives": .count(quality.margins.positiveCount),
      "areaUnderCurve": quality.areaUnderCurve.map { .double($0) },
      "areaStandardError": quality.areaStandardError.map { .double($0) },
      "logLoss": .double(quality.logLoss),
      "brierScore": .double(quality.brierScore),
      "calibrationError": .double(quality.calibrationError),
      "kolmogorovSmirnov": quality.kolmogorovSmirnov.map { .double($0) },
      "gains": .array(gains),
      "reliability": .array(reliability),
    ])
  }

  /// What the trees and their calibration are worth at a later cut-off than all they have seen.
  private static func outOfTime(
    _ cutOff: Instant,
    _ quality: ModelQuality,
    _ calibration: Calibration
  ) -> Value {
    .known([
      "cutOff": .instant(cutOff), "quality": self.quality(quality, calibration),
    ])
  }

  /// Why scores of a model are not worth writing; `nil` when they are.
  static func objection(to report: Value) -> String? {
    let areas = [report["outOfTime"]?["quality"], report["quality"]].map {
      $0?["areaUnderCurve"]?.number
    }
    return warnings(ofArea: areas[0] ?? areas[1]).first
  }

  static func warnings(of model: PropensityModel) -> [String] {
    warnings(ofArea: model.outOfTime?.areaUnderCurve ?? model.quality?.areaUnderCurve)
  }

  private static func warnings(ofArea area: Double?) -> [String] {
    guard let area, area < areaMin else { return [] }
    let hundredths = Int((area * 100).rounded(.down))
    return [
      "model quality is poor: the area under the curve is 0.\(hundredths), below 0.65; check the data"
        + " for gaps, narrow the eligible population, or try an outcome window of 7 days"
    ]
  }

  static func word(of calibration: Calibration) -> String {
    switch calibration {
    case .identity: "none"
    case .platt: "platt"
    case .isotonic: "isotonic"
    }
  }
}
