/// The rows that blocks are made of, in one of the forms in which they lie in the log.
///
/// A place says which row is meant; what places are is the form's own affair.
protocol BlockRows {
  /// What a row says besides its values.
  func header(_ place: Int) -> RowHeader

  /// Reads the attributes of profiles, one after the other.
  ///
  /// - Parameters:
  ///   - places: the attributes rows of all profiles, in the order of the log for each.
  ///   - starts: for each profile where its places begin, and at last where they end.
  ///   - firstOrdinal: of the first profile.
  ///   - keys: the profiles' keys.
  ///   - reader: takes one object for each profile.
  mutating func readAttributes(
    _ places: [Int],
    starts: [Int],
    firstOrdinal: Int,
    _ keys: SealedKeys,
    into reader: inout RowReader
  )

  /// Reads events, one after the other.
  ///
  /// - Parameters:
  ///   - places: their rows.
  ///   - left: the name of a field that will not be written.
  ///   - keys: the profiles' keys.
  ///   - reader: takes one object for each event.
  mutating func readEvents(
    _ places: [Int],
    without left: Int32?,
    _ keys: SealedKeys,
    into reader: inout RowReader
  )
}

/// Rows as `RowBuckets` keeps them: headers and values; a place is where a header begins.
@safe struct BucketRows: BlockRows {
  private let bytes: UnsafeRawBufferPointer

  /// Lends bytes that stay where they are while blocks are made.
  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  func header(_ place: Int) -> RowHeader { unsafe RowHeader(bytes, at: place) }

  mutating func readAttributes(
    _ places: [Int],
    starts: [Int],
    firstOrdinal: Int,
    _ keys: SealedKeys,
    into reader: inout RowReader
  ) {
    for profile in 0..<starts.count - 1 {
      let own = places[starts[profile]..<starts[profile + 1]]
      switch own.count {
      case 0: reader.readNothing()
      case 1: read(own[own.startIndex], keys, into: &reader)
      default:
        unsafe reader.read(
          merging: Array(own),
          of: bytes,
          key: keys.bytes(firstOrdinal + profile)
        )
      }
    }
  }

  mutating func readEvents(
    _ places: [Int],
    without left: Int32?,
    _ keys: SealedKeys,
    into reader: inout RowReader
  ) {
    for place in places { read(place, keys, into: &reader) }
  }

  private func read(_ place: Int, _ keys: SealedKeys, into reader: inout RowReader) {
    let header = header(place)
    unsafe reader.read(
      header,
      RowHeader.values(bytes, at: place),
      key: keys.bytes(Int(header.ordinal))
    )
  }
}
