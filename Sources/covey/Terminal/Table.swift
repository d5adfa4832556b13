/// Rows in aligned columns under capital titles, two blanks between columns.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var title: String
    package var isNumber: Bool
    /// Whether it gives way where a terminal is too narrow.
    package var isElastic: Bool

    package static func text(_ title: String) -> Column {
      Column(title: title, isNumber: false, isElastic: false)
    }

    package static func number(_ title: String) -> Column {
      Column(title: title, isNumber: true, isElastic: false)
    }

    package static func elastic(_ title: String) -> Column {
      Column(title: title, isNumber: false, isElastic: true)
    }
  }

  package struct Cell: Sendable, ExpressibleByStringLiteral {
    package var text: String
    package var tone: Style.Tone?

    package init(_ text: String, _ tone: Style.Tone? = nil) {
      self.text = text
      self.tone = tone
    }

    package init(stringLiteral value: String) { self.init(value) }

    /// A state's name in its tone.
    package static func state(_ name: String) -> Cell { Cell(name, Style.tone(ofState: name)) }
  }

  private static let gap = 2
  /// The least an elastic column is cut to.
  private static let elasticWidthMin = 12

  private let columns: [Column]
  private var rows: [[Cell]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row with a cell for each column.
  package mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }

  /// The table's lines; columns without any text are left out.
  package func lines(_ style: Style) -> [String] {
    let shown = columns.indices.filter { column in
      rows.contains { !$0[column].text.isEmpty }
    }
    let widths = fitted(shown, style.width)
    let titles = columns.map { Cell($0.title, .quiet) }
    return ([titles] + rows).map { row in
      var line = ""
      for (column, width) in zip(shown, widths) {
        let text = DisplayWidth.cut(row[column].text, to: width)
        let blanks = String(repeating: " ", count: width - DisplayWidth.columns(text))
        let painted = style.painted(text, row[column].tone)
        let isLast = column == shown.last
        line += columns[column].isNumber ? blanks + painted : painted + (isLast ? "" : blanks)
        if !isLast { line += String(repeating: " ", count: Table.gap) }
      }
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line
    }
  }

  /// The columns' widths, the elastic ones cut so that a line fits.
  private func fitted(_ shown: [Int], _ limit: Int?) -> [Int] {
    var widths = shown.map { column in
      rows.reduce(DisplayWidth.columns(columns[column].title)) {
        max($0, DisplayWidth.columns($1[column].text))
      }
    }
    guard let limit else { return widths }
    var excess = widths.reduce(0, +) + Table.gap * max(0, widths.count - 1) - limit
    for index in shown.indices.reversed() where excess > 0 && columns[shown[index]].isElastic {
      let given = min(excess, max(0, widths[index] - Table.elasticWidthMin))
      widths[index] -= given
      excess -= given
    }
    return widths
  }
}
