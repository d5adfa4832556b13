import Bytes
import Propensity

/// Made-up rows with numbers, categories, missing values and a label that depends on them.
enum Samples {
  static let names: [Text] = ["amount", "age", "colour", "noise", "rare"]

  static func rows(_ count: Int, seed: UInt64) -> LocalTraining.Part {
    var random = SeededRandom(seed: seed)
    let colours: [Text] = ["red", "green", "blue", "black", "white"]
    var amount: [Double] = []
    var age: [Double] = []
    var colour: [UInt32] = []
    var noise: [Double] = []
    var rare: [Double] = []
    var labels: [Bool] = []
    var keys: [UInt64] = []
    for _ in 0..<count {
      let hasAge = !random.oneIn(5)
      let a = random.unit() * 100
      let y = Double(random.below(60) + 18)
      let c = random.oneIn(20) ? -1 : random.below(5)
      amount.append(a)
      age.append(hasAge ? y : .nan)
      colour.append(c < 0 ? FeatureColumn.missingCode : UInt32(c))
      noise.append(random.unit())
      rare.append(random.oneIn(50) ? 1 : 0)
      let margin =
        (a - 50) / 20 + (hasAge ? (y > 45 ? 1 : -1) : 2) + (c == 1 || c == 3 ? 1.5 : 0) - 1
      labels.append(random.unit() < sigmoid(margin))
      keys.append(random.next())
    }
    return LocalTraining.Part(
      columns: [
        .numeric(amount), .numeric(age), .categorical(codes: colour, names: colours),
        .numeric(noise), .numeric(rare),
      ],
      labels: labels,
      keys: keys
    )
  }

  /// Deals rows out to `count` parts at random; some may be empty.
  ///
  /// Each part numbers its categories in its own way.
  static func divided(
    _ part: LocalTraining.Part,
    into count: Int,
    seed: UInt64
  ) -> [LocalTraining.Part] {
    var random = SeededRandom(seed: seed)
    var members = [[Int]](repeating: [], count: count)
    for row in part.labels.indices { members[random.below(count)].append(row) }
    return members.map { rows in
      let rows = rows.shuffled(using: &random)
      return LocalTraining.Part(
        columns: part.columns.map { column in
          switch column {
          case .numeric(let values): return .numeric(rows.map { values[$0] })
          case .categorical(let codes, let names):
            let order = names.indices.shuffled(using: &random)
            var places = [UInt32](repeating: 0, count: names.count)
            for (place, name) in order.enumerated() { places[name] = UInt32(place) }
            return .categorical(
              codes: rows.map {
                Int(codes[$0]) < names.count ? places[Int(codes[$0])] : FeatureColumn.missingCode
              },
              names: order.map { names[$0] }
            )
          }
        },
        labels: rows.map { part.labels[$0] },
        keys: rows.map { part.keys[$0] }
      )
    }
  }

  static func model(
    _ parts: [LocalTraining.Part],
    settings: TrainingSettings
  ) throws -> PropensityModel {
    let features = try LocalTraining.bins(names: names, parts: parts, settings: settings)
    let forest = try LocalTraining.train(features: features, parts: parts, settings: settings)
    return PropensityModel(
      forest: forest,
      features: features,
      window: TrainingWindow(start: Instant(milliseconds: 1), end: Instant(milliseconds: 9)),
      settings: settings
    )
  }
}

extension Samples {
  /// The bin of one value by the words of the documentation: naive, for comparison.
  static func bin(_ feature: FeatureBins, _ column: FeatureColumn, _ row: Int) -> Int {
    switch (feature.cut, column) {
    case (.edges(let edges), .numeric(let values)):
      values[row].isNaN ? 0 : 1 + edges.count { $0 < values[row] }
    case (.categories(let known), .categorical(let codes, let names)):
      Int(codes[row]) >= names.count
        ? 0 : (known.firstIndex(of: names[Int(codes[row])]).map { $0 + 2 } ?? 1)
    case (.edges, .categorical), (.categories, .numeric): -1
    }
  }
}
