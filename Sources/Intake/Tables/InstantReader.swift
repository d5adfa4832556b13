import Bytes
import Domain

/// Reads the texts of `InstantStyle` eight bytes at a time.
@safe struct InstantReader {
  private static let firstYear = 1_900
  private static let yearCount = 256

  /// Days from 1970-01-01 to the first of each month.
  private let monthStarts: UnsafeMutablePointer<Int64>

  init() {
    let monthCount = 12 * InstantReader.yearCount
    unsafe monthStarts = .allocate(capacity: monthCount + 1)
    for month in 0...monthCount {
      let year = InstantReader.firstYear + month / 12
      unsafe monthStarts[month] = Int64(CivilTime.days(year: year, month: month % 12 + 1, day: 1))
    }
  }

  func free() { unsafe monthStarts.deallocate() }

  /// Reads what `InstantStyle.read` reads; 24 bytes of the text can be read whatever its length.
  @inline(__always)
  func read(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> (style: InstantStyle, count: Int64)? {
    guard byteCount == 24 || byteCount == 20 || byteCount == 10 else { return nil }
    if let quick = unsafe readQuickly(text, byteCount) { return quick }
    return unsafe InstantStyle.read(UnsafeBufferPointer(start: text, count: byteCount))
  }

  /// Reads a text of the years of the table; `nil` for whatever else.
  @inline(__always)
  private func readQuickly(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> (style: InstantStyle, count: Int64)? {
    // `0000-00-`, `00T00:00`, `:00.000Z`; digits are 0 … 9 and marks 0 where the text is like that.
    let date = unsafe word(text, 0) ^ 0x2D30_302D_3030_3030
    guard InstantReader.areDigits(date), date & 0xFF00_00FF_0000_0000 == 0 else { return nil }
    let dates = InstantReader.pairs(date)
    let year = Int(dates & 0xFF) &* 100 &+ Int((dates >> 16) & 0xFF) &- InstantReader.firstYear
    let month = Int((dates >> 40) & 0xFF) &- 1
    guard year >= 0, year < InstantReader.yearCount, month >= 0, month < 12 else { return nil }
    var time = unsafe word(text, 8) ^ 0x3030_3A30_3054_3030
    if byteCount == 10 { time &= 0xFFFF }
    guard InstantReader.areDigits(time), time & 0x0000_FF00_00FF_0000 == 0 else { return nil }
    let times = InstantReader.pairs(time)
    let day = Int64(times & 0xFF)
    let start = unsafe monthStarts[year &* 12 &+ month]
    let end = unsafe monthStarts[year &* 12 &+ month &+ 1]
    guard day >= 1, day <= end &- start else { return nil }
    let days = start &+ day &- 1
    if byteCount == 10 { return (.date, days) }
    let hour = Int64((times >> 24) & 0xFF)
    let minute = Int64((times >> 48) & 0xFF)
    let isShort = byteCount == 20
    // Of a text without milliseconds four bytes are there: `:00Z`.
    let rest =
      unsafe isShort
      ? (word(text, 16) & 0xFFFF_FFFF) ^ 0x5A30_303A : word(text, 16) ^ 0x5A30_3030_2E30_303A
    let marks: UInt64 = isShort ? 0xFF00_00FF : 0xFF00_0000_FF00_00FF
    guard InstantReader.areDigits(rest), rest & marks == 0 else { return nil }
    let rests = InstantReader.pairs(rest)
    let second = Int64((rests >> 8) & 0xFF)
    guard hour <= 23, minute <= 59, second <= 59 else { return nil }
    let seconds = days &* 86_400 &+ (hour &* 60 &+ minute) &* 60 &+ second
    if isShort { return (.second, seconds) }
    let milliseconds = Int64((rests >> 32) & 0xFF) &* 10 &+ Int64((rest >> 48) & 0xFF)
    return (.millisecond, seconds &* 1_000 &+ milliseconds)
  }

  @inline(__always)
  private func word(_ text: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(text).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      .littleEndian
  }

  /// Whether all bytes are 0 … 9.
  @inline(__always)
  private static func areDigits(_ bytes: UInt64) -> Bool {
    ((bytes &+ 0x7676_7676_7676_7676) | bytes) & 0x8080_8080_8080_8080 == 0
  }

  /// In each byte ten times itself and the one behind it.
  @inline(__always)
  private static func pairs(_ bytes: UInt64) -> UInt64 { bytes &* 10 &+ (bytes >> 8) }
}

extension InstantStyle {
  /// Whether two are the same; `==` would be looked up in the other module each time.
  @inline(__always)
  func isSame(as other: InstantStyle) -> Bool {
    switch (self, other) {
    case (.date, .date), (.second, .second), (.millisecond, .millisecond): true
    default: false
    }
  }
}
