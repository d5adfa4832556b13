/// A bitmap as bytes, in the shortest of five forms.
///
/// ```
/// 0 empty
/// 1 full     varint count: the members are 0..<count
/// 2 sparse   varint count, then for each member the varint distance from the number after the one before
/// 3 runs     varint count, then for each run varint distance from the end of the one before, varint length - 1
/// 4 dense    varint word count, words of 8 bytes, the last one not zero
/// ```
///
/// Of forms equally short the first one is written, so equal bitmaps have equal bytes.
extension Bitmap {
  private enum Form {
    static let empty: UInt8 = 0
    static let full: UInt8 = 1
    static let sparse: UInt8 = 2
    static let runs: UInt8 = 3
    static let dense: UInt8 = 4
  }

  public func encode(into writer: inout ByteWriter) {
    let runs = runs
    guard let last = runs.last?.upperBound else { return writer.write(Form.empty) }
    if runs.count == 1, runs[0].lowerBound == 0 {
      writer.write(Form.full)
      writer.writeVarint(last)
      return
    }
    var dense = ByteWriter()
    dense.writeVarint(words.count)
    let denseByteCount = dense.count + 8 * words.count
    let runsBody = Bitmap.body(runs)
    let limit = Swift.min(denseByteCount, runsBody.count)
    // A sparse list takes at least a byte a member: longer ones need not be tried.
    let sparse = count < limit ? Bitmap.body(sparse: self) : []
    if !sparse.isEmpty, sparse.count <= limit {
      writer.write(Form.sparse)
      writer.writeRaw(sparse)
    } else if runsBody.count <= denseByteCount {
      writer.write(Form.runs)
      writer.writeRaw(runsBody)
    } else {
      writer.write(Form.dense)
      writer.writeRaw(dense.bytes)
      for word in words { writer.write(word) }
    }
  }

  /// Reads a bitmap.
  ///
  /// - Parameters:
  ///   - reader: stands where the bitmap begins.
  ///   - limit: every member must be below it, so it bounds the memory.
  /// - Throws: `DecodingError` for bytes that are no bitmap.
  public init(from reader: inout ByteReader, limit: Int) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case Form.empty: self.init()
    case Form.full: self.init(below: try Bitmap.readNumber(&reader, atMost: limit))
    case Form.sparse:
      self.init()
      var next = 0
      for _ in 0..<(try reader.readCount()) {
        let member = next + (try Bitmap.readNumber(&reader, atMost: limit - 1 - next))
        insert(member)
        next = member + 1
      }
    case Form.runs:
      self.init()
      var next = 0
      for _ in 0..<(try reader.readCount(elementByteCount: 2)) {
        let start = next + (try Bitmap.readNumber(&reader, atMost: limit - 1 - next))
        next = start + 1 + (try Bitmap.readNumber(&reader, atMost: limit - 1 - start))
        insert(start..<next)
      }
    case Form.dense:
      let count = try reader.readCount(elementByteCount: 8)
      var words: [UInt64] = []
      words.reserveCapacity(count)
      for _ in 0..<count { words.append(try reader.read(UInt64.self)) }
      self.init(words: words)
      guard last.map({ $0 < limit }) ?? true else {
        throw .invalidValue(at: at, what: "a member that is not below \(limit)")
      }
    case let form: throw .unknownTag(at: at, tag: UInt64(form), of: "form of a bitmap")
    }
  }

  private static func readNumber(
    _ reader: inout ByteReader,
    atMost limit: Int
  ) throws(DecodingError) -> Int {
    let at = reader.offset
    let number = try reader.readVarint()
    guard limit >= 0, number <= UInt64(limit) else {
      throw .countTooLarge(at: at, count: number, limit: limit)
    }
    return Int(number)
  }

  /// The members as ranges, ascending, no two of which touch.
  private var runs: [Range<Int>] {
    var runs: [Range<Int>] = []
    var position = 0
    let end = words.count * 64
    while let start = next(from: position, isMember: true) {
      let stop = next(from: start, isMember: false) ?? end
      runs.append(start..<stop)
      position = stop
    }
    return runs
  }

  /// The first number from `position` on, within the words, that is a member or is none.
  private func next(from position: Int, isMember: Bool) -> Int? {
    var index = position >> 6
    var mask = UInt64.max << UInt64(position & 63)
    while index < words.count {
      let bits = (isMember ? words[index] : ~words[index]) & mask
      if bits != 0 { return index * 64 + bits.trailingZeroBitCount }
      index += 1
      mask = .max
    }
    return nil
  }

  private mutating func insert(_ range: Range<Int>) {
    guard let last = range.last else { return }
    insert(last)
    var number = range.lowerBound
    while number < range.upperBound {
      let end = Swift.min(range.upperBound, (number | 63) + 1)
      let bits = end - number == 64 ? UInt64.max : (1 << UInt64(end - number)) - 1
      storage[number >> 6] |= bits << UInt64(number & 63)
      number = end
    }
  }

  private static func body(_ runs: [Range<Int>]) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(runs.count)
    var end = 0
    for run in runs {
      writer.writeVarint(run.lowerBound - end)
      writer.writeVarint(run.count - 1)
      end = run.upperBound
    }
    return writer.bytes
  }

  private static func body(sparse members: Bitmap) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(members.count)
    var next = 0
    for member in members {
      writer.writeVarint(member - next)
      next = member + 1
    }
    return writer.bytes
  }
}
