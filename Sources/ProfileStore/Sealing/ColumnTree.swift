import Bytes

/// The columns that the places of a shard's data are written to.
///
/// A column for each place, except that all values of a map share one.
struct ColumnTree {
  enum Kind {
    case root
    case field
    case element
    case mapValue
  }

  struct Column {
    var kind: Kind
    var parent: Int
    /// The number of the field's name.
    var name: Int32
    var isMap: Bool
    /// The dictionary of its texts, or -1.
    var dictionary: Int32
    var fields: [Int] = []
    var element: Int?
    var mapValue: Int?
    var isSorted = true
  }

  /// The root of attributes is 0, that of events 1, as in `FieldTree`.
  private(set) var columns: [Column] = []
  /// By place.
  private(set) var columnOfNode: [Int32] = []

  /// Takes in the places that are new since the last call.
  mutating func extend(by tree: FieldTree) {
    for index in columnOfNode.count..<tree.nodes.count {
      let node = tree.nodes[index]
      columnOfNode.append(Int32(truncatingIfNeeded: column(of: node, at: index, tree)))
    }
  }

  private mutating func column(of node: FieldTree.Node, at index: Int, _ tree: FieldTree) -> Int {
    let isMap = tree.isMap(Int32(truncatingIfNeeded: index))
    guard node.parent >= 0 else {
      return add(Column(kind: .root, parent: -1, name: -1, isMap: isMap, dictionary: -1))
    }
    let parent = Int(columnOfNode[Int(node.parent)])
    let known: Int?
    let kind: Kind
    if node.name == FieldTree.element {
      (kind, known) = (.element, columns[parent].element)
    } else if columns[parent].isMap {
      (kind, known) = (.mapValue, columns[parent].mapValue)
    } else {
      (kind, known) = (.field, isShared(parent) ? field(node.name, of: parent) : nil)
    }
    if let known { return known }
    let added = add(
      Column(
        kind: kind,
        parent: parent,
        name: node.name,
        isMap: isMap,
        dictionary: isShared(parent) || kind == .mapValue ? -1 : node.dictionary
      )
    )
    switch kind {
    case .element: columns[parent].element = added
    case .mapValue: columns[parent].mapValue = added
    case .field, .root:
      columns[parent].fields.append(added)
      columns[parent].isSorted = false
    }
    return added
  }

  /// Whether several places have this column: those in the values of a map.
  private func isShared(_ column: Int) -> Bool {
    var column = column
    while column >= 0 {
      if columns[column].kind == .mapValue { return true }
      column = columns[column].parent
    }
    return false
  }

  private func field(_ name: Int32, of parent: Int) -> Int? {
    columns[parent].fields.first { columns[$0].name == name }
  }

  private mutating func add(_ column: Column) -> Int {
    columns.append(column)
    return columns.count - 1
  }

  /// The fields of a column's objects by ascending name.
  mutating func sortedFields(of column: Int, _ names: [Text]) -> [Int] {
    if !columns[column].isSorted {
      columns[column].fields = columns[column].fields.sorted {
        names[Int(columns[$0].name)] < names[Int(columns[$1].name)]
      }
      columns[column].isSorted = true
    }
    return columns[column].fields
  }
}
