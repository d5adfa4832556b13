package import Bytes

/// The fields of a schema as rows for a listing.
package struct SchemaTable: Equatable, Sendable {
  package struct Row: Equatable, Sendable {
    /// The way to the field: `a.b`, elements of arrays `a[]`, values of maps `a.*`.
    package var path: Text
    /// Arrays and objects around the field; for drawing a tree.
    package var depth: Int
    package var typeName: String
    /// Values seen.
    package var count: UInt64
    /// The share of the rows (of the elements, inside arrays and maps) that have it; 0…1.
    package var fillRate: Double
    /// A few of the values.
    package var samples: [Text]
  }

  package let rows: [Row]

  /// Lists the fields below the root, those of an object in ascending order of their names.
  package init(_ root: SchemaNode, prefix: Text = "") {
    var rows: [Row] = []
    SchemaTable.append(root, prefix.string, 0, &rows)
    self.rows = rows
  }

  private static func append(
    _ node: SchemaNode,
    _ path: String,
    _ depth: Int,
    _ rows: inout [Row]
  ) {
    for (name, field) in node.fields.sorted(by: { $0.key < $1.key }) {
      let fieldPath = path.isEmpty ? name.string : path + "." + name.string
      append(field, at: fieldPath, of: node.count, depth, &rows)
    }
    for element in node.element {
      append(element, at: path + (node.isMap ? ".*" : "[]"), of: element.count, depth, &rows)
    }
  }

  private static func append(
    _ node: SchemaNode,
    at path: String,
    of parentCount: UInt64,
    _ depth: Int,
    _ rows: inout [Row]
  ) {
    rows.append(
      Row(
        path: Printable.text(path.utf8, byteCountMax: 1_000),
        depth: depth,
        typeName: node.typeName,
        count: node.count,
        fillRate: parentCount == 0 ? 0 : min(1, Double(node.count) / Double(parentCount)),
        samples: node.samples
      )
    )
    append(node, path, depth + 1, &rows)
  }
}
