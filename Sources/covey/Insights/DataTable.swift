/// The numbers behind a drawing; the first column names the rows.
struct DataTable {
  private let titles: [String]
  private let rows: [[String]]

  init(_ titles: [String], _ rows: [[String]]) {
    self.titles = titles
    self.rows = rows
  }

  func add(to markup: inout Markup) {
    markup.element("table", ["class": "data"]) { markup in
      markup.element("thead") { markup in
        markup.element("tr") { markup in
          for title in titles { markup.element("th", ["scope": "col"], title) }
        }
      }
      markup.element("tbody") { markup in
        for row in rows {
          markup.element("tr") { markup in
            for (column, cell) in row.enumerated() {
              if column == 0 {
                markup.element("th", ["scope": "row"], cell)
              } else {
                markup.element("td", cell)
              }
            }
          }
        }
      }
    }
  }

  /// The table under a word that opens it.
  func addFolded(to markup: inout Markup) {
    markup.element("details") { markup in
      markup.element("summary", "the numbers")
      add(to: &markup)
    }
  }
}
