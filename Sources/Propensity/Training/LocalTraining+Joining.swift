import Bytes

extension LocalTraining.Part {
  /// The rows of several parts as one, in the order of the parts.
  ///
  /// - Parameter parts: have the same kinds of columns.
  /// - Throws: when they have not.
  package init(joining parts: [LocalTraining.Part]) throws(TrainingError) {
    let columnCount = parts.first?.columns.count ?? 0
    for part in parts where part.columns.count != columnCount {
      throw .columns(.columnCount(expected: columnCount, actual: part.columns.count))
    }
    var columns: [FeatureColumn] = []
    for index in 0..<columnCount {
      guard let joined = FeatureColumn(joining: parts.map { $0.columns[index] }) else {
        throw .columns(
          .kind(feature: Text("column \(index)"), expected: parts[0].columns[index].kind)
        )
      }
      columns.append(joined)
    }
    self.init(
      columns: columns,
      labels: parts.flatMap(\.labels),
      keys: parts.flatMap(\.keys)
    )
  }
}

extension FeatureColumn {
  /// The rows of several columns of one feature; `nil` when they differ in kind.
  fileprivate init?(joining columns: [FeatureColumn]) {
    switch columns.first {
    case .numeric?, nil:
      var values: [Double] = []
      values.reserveCapacity(columns.reduce(0) { $0 + $1.rowCount })
      for column in columns {
        guard case .numeric(let own) = column else { return nil }
        values += own
      }
      self = .numeric(values)
    case .categorical?:
      var codes: [UInt32] = []
      codes.reserveCapacity(columns.reduce(0) { $0 + $1.rowCount })
      var names: [Text] = []
      var places: [Text: UInt32] = [:]
      for column in columns {
        guard case .categorical(let own, let ownNames) = column else { return nil }
        let moved = ownNames.map { name in
          if let place = places[name] { return place }
          let place = UInt32(names.count)
          places[name] = place
          names.append(name)
          return place
        }
        for code in own {
          codes.append(Int(code) < moved.count ? moved[Int(code)] : FeatureColumn.missingCode)
        }
      }
      self = .categorical(codes: codes, names: names)
    }
  }
}
