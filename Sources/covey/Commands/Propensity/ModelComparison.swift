import Bytes
import Domain

/// A model that is compared, by its report.
struct ComparedModel {
  let name: String
  let report: Document

  init(_ name: String, report: Value) {
    self.name = name
    self.report = Document(report)
  }

  func quality(_ figure: Text) -> Double? { report.part("quality")?.share(figure) }

  /// Names of the features that some split tests.
  var usedFeatures: [Text] {
    report.list("features").filter { $0.number("splits") ?? 0 > 0 }
      .compactMap { $0.value["name"]?.text }
  }

  var topLift: Double? { report.part("quality")?.list("gains").first?.share("lift") }
}

/// How two models differ.
struct ModelComparison {
  /// Standard errors that a difference of areas has at least to count.
  private static let countingErrors = 2.0
  private static let figures: [Text] = [
    "areaUnderCurve", "areaStandardError", "logLoss", "brierScore", "calibrationError",
    "kolmogorovSmirnov",
  ]

  private let first: ComparedModel
  private let second: ComparedModel

  init(_ first: ComparedModel, _ second: ComparedModel) {
    self.first = first
    self.second = second
  }

  var document: Value {
    var members: [(Text, Value)] = [
      ("models", .array([first, second].map { Self.document(of: $0) })),
      ("isSameData", .boolean(isSameData)),
      (
        "onlyUsedBy",
        .array([
          .array(Self.missing(in: second, of: first).map { .string($0) }),
          .array(Self.missing(in: first, of: second).map { .string($0) }),
        ])
      ),
    ]
    if let difference { members.append(("difference", difference)) }
    return .object(members)
  }

  private static func document(of model: ComparedModel) -> Value {
    let rows: [Text] = ["rows", "baseRate", "holdOutRows", "trees", "calibration"]
    var members: [(Text, Value)] = [("model", .string(Text(model.name)))]
    members += rows.compactMap { name in model.report.value[name].map { (name, $0) } }
    members += figures.compactMap { name in model.quality(name).map { (name, .double($0)) } }
    if let lift = model.topLift { members.append(("topDecileLift", .double(lift))) }
    members.append(("featuresUsed", .integer(Int64(model.usedFeatures.count))))
    return .object(members)
  }

  /// Of the second from the first; `nil` where a model has no area.
  private var difference: Value? {
    guard let before = first.quality("areaUnderCurve"),
      let after = second.quality("areaUnderCurve"),
      let errors = standardError
    else { return nil }
    let change = after - before
    var members: [(Text, Value)] = [
      ("areaUnderCurve", .double(change)),
      ("counts", .boolean(abs(change) > Self.countingErrors * errors)),
    ]
    if errors > 0 { members.append(("standardErrors", .double(abs(change) / errors))) }
    return .object(members)
  }

  /// Of the difference of two independent areas.
  private var standardError: Double? {
    guard let first = first.quality("areaStandardError"),
      let second = second.quality("areaStandardError")
    else { return nil }
    return (first * first + second * second).squareRoot()
  }

  /// As many rows with as many positives, at the same cut-offs.
  private var isSameData: Bool {
    (["rows", "positives", "holdOutRows", "holdOutPositives", "cutOffs"] as [Text]).allSatisfy {
      first.report.value[$0] == second.report.value[$0]
    }
  }

  private static func missing(in model: ComparedModel, of other: ComparedModel) -> [Text] {
    let used = Set(model.usedFeatures)
    return other.usedFeatures.filter { !used.contains($0) }
  }
}
