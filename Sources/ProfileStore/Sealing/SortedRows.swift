/// Where the rows of a range of profiles are, by ascending ordinal, those of one as they came.
struct SortedRows {
  /// Where each row's header begins.
  private(set) var places: [Int]
  /// For each profile where its places begin, and at last where they end.
  private(set) var starts: [Int]

  /// Sorts rows with their headers in linear time.
  init(_ bytes: [UInt8], _ ordinals: Range<Int>) {
    var counts = [Int](repeating: 0, count: ordinals.count + 1)
    var rowCount = 0
    SortedRows.forEach(bytes) { _, header in
      counts[Int(header.ordinal) &- ordinals.lowerBound] &+= 1
      rowCount &+= 1
    }
    var start = 0
    for index in counts.indices {
      let count = counts[index]
      counts[index] = start
      start += count
    }
    starts = counts
    var places = [Int](repeating: 0, count: rowCount)
    SortedRows.forEach(bytes) { place, header in
      let profile = Int(header.ordinal) &- ordinals.lowerBound
      places[counts[profile]] = place
      counts[profile] &+= 1
    }
    self.places = places
  }

  /// Shows each row's place and header.
  @inline(__always)
  static func forEach(_ bytes: [UInt8], _ body: (Int, RowHeader) -> Void) {
    unsafe bytes.withUnsafeBytes { bytes in
      var place = 0
      while place < bytes.count {
        let header = unsafe RowHeader(bytes, at: place)
        body(place, header)
        place &+= RowHeader.byteCount &+ Int(header.byteCount)
      }
    }
  }
}
