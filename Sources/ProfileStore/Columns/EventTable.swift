import Bytes

/// The events of one type of a block's profiles, by profile, and of one by instant.
///
/// Events of equal instants are in the order of the log, those without a readable timestamp last of
/// their profile.
package struct EventTable: Sendable {
  /// Index in `ShardSnapshot.eventTypes`; as many as there are for the table that all other events
  /// share, among them those without a type.
  package let type: Int
  package let rowCount: Int
  /// For each event the number of its profile, ascending.
  package let profiles: PackedNumbers
  /// When each event happened, as integers: times `instantUnit` they are milliseconds.
  ///
  /// Rows that are in no lane have no readable timestamp.
  package let instants: Column.Lane
  /// Milliseconds of one unit of `instants`.
  package let instantUnit: Int64
  /// For each event its place among all events of its profile, in the order of the language.
  package let ranks: PackedNumbers
  /// A row for each event, an object in each: without `eventType` in a table of one type.
  package let columns: Column

  /// The rows of a profile's events of this type.
  func rows(of profile: Int, from buffers: MappedBytes) -> Range<Int> {
    firstRow(
      ofProfileFrom: profile,
      from: buffers
    )..<firstRow(
      ofProfileFrom: profile + 1,
      from: buffers
    )
  }

  /// The first row of the profile with a number or of one behind it.
  private func firstRow(ofProfileFrom number: Int, from buffers: MappedBytes) -> Int {
    var (low, high) = (0, rowCount)
    while low < high {
      let middle = (low + high) / 2
      if profiles.load(middle, from: buffers) < UInt64(number) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// When an event happened; `nil` without a readable timestamp.
  func instant(_ row: Int, from buffers: MappedBytes) -> Instant? {
    guard let position = instants.presence.position(of: row, from: buffers),
      case .integers(let base, let numbers) = instants.values
    else { return nil }
    let units = base &+ Int64(bitPattern: numbers.load(position, from: buffers))
    return Instant(milliseconds: units &* instantUnit)
  }
}
