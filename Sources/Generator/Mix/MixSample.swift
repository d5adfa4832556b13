import Bytes

/// The cells of some customers' rows as they are written, to choose conditions by.
struct MixSample {
  /// Rows of a kind by column.
  struct Table {
    fileprivate(set) var rowCount = 0
    /// The columns that have cells.
    fileprivate(set) var columns: [Text: MixColumn] = [:]
    /// Of events, the row of each one's customer.
    fileprivate(set) var owners: [Int] = []
    /// Of events, when each was, in milliseconds since 1970.
    fileprivate(set) var instants: [Int] = []
  }

  private static let customerCountMax = 4_096
  private static let eventCountMax = 60_000

  private(set) var profiles = Table()
  /// Events by type, the most frequent first.
  private(set) var types: [(name: Text, events: Table)] = []

  init(_ population: Population, _ words: Words, _ assortment: Assortment) {
    let profileRows = ProfileRows(words: words)
    let eventRows = EventRows(words: words, assortment: assortment)
    let profileColumns = MixSample.columns(ProfileRows.csvHeader)
    let eventColumns = MixSample.columns(EventRows.csvHeader)
    var row = TextBuffer(capacity: 1_024)
    var event = Event()
    var tables: [Text: Table] = [:]
    var eventCount = 0
    for member in population.members.prefix(MixSample.customerCountMax) {
      row.removeAll()
      profileRows.appendCSV(Customer(member, words), to: &row)
      profiles.add(MixSample.cells(row.bytes), profileColumns)
      for session in Session.Sessions(member) {
        guard eventCount < MixSample.eventCountMax else { break }
        event.play(session, of: member, words, assortment) { event in
          row.removeAll()
          eventRows.appendCSV(event, to: &row)
          let cells = MixSample.cells(row.bytes)
          guard let type = eventColumns.firstIndex(of: "eventType") else { return }
          tables[cells[type], default: Table()].add(
            cells,
            eventColumns,
            owner: profiles.rowCount - 1,
            instant: event.timestamp
          )
          eventCount += 1
        }
      }
      if eventCount >= MixSample.eventCountMax { break }
    }
    profiles.finish()
    types = tables.map { name, table in
      var table = table
      table.finish()
      return (name, table)
    }.sorted {
      ($1.events.rowCount, $0.name) < ($0.events.rowCount, $1.name)
    }
  }

  /// Events of a type; none of one that nobody has.
  func events(ofType type: Text) -> Table {
    types.first { $0.name == type }?.events ?? Table()
  }

  static let quantity: Text = "product.quantity"
  static let orderTotal: Text = "commerce.order.priceTotal"

  /// The fields of a test's events that rules sum.
  func summedFields(of test: EventTest) -> [Text] {
    let columns = events(ofType: test.type).columns
    return ["product.priceTotal", MixSample.orderTotal, MixSample.quantity].filter {
      columns[$0] != nil
    }
  }

  private static func columns(_ header: StaticString) -> [Text] {
    var buffer = TextBuffer(capacity: 1_024)
    buffer.literal(header)
    return cells(buffer.bytes)
  }

  /// The cells of a line that ends with a line feed; no cell has quotes inside.
  private static func cells(_ line: [UInt8]) -> [Text] {
    var cells: [Text] = []
    var cell: [UInt8] = []
    var isQuoted = false
    for byte in line {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted, 0x0A:
        cells.append(Text(String(decoding: cell, as: UTF8.self)))
        cell.removeAll(keepingCapacity: true)
      default: cell.append(byte)
      }
    }
    return cells
  }
}

extension MixSample.Table {
  fileprivate mutating func add(_ row: [Text], _ columns: [Text]) {
    for (name, cell) in zip(columns, row) where !cell.utf8.isEmpty {
      self.columns[name, default: MixColumn()].add(cell, ofRow: rowCount)
    }
    rowCount += 1
  }

  fileprivate mutating func add(_ row: [Text], _ columns: [Text], owner: Int, instant: Int) {
    add(row, columns)
    owners.append(owner)
    instants.append(instant)
  }

  fileprivate mutating func finish() {
    for name in columns.keys { columns[name]?.finish() }
  }
}
