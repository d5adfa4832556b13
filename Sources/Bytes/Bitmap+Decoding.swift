extension Bitmap {
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
    case Form.sparse: try self.init(sparse: &reader, limit: limit)
    case Form.chunks:
      try self.init(chunks: &reader, limit: limit)
      guard last.map({ $0 < limit }) ?? true else {
        throw .invalidValue(at: at, what: "a member that is not below \(limit)")
      }
    case let form: throw .unknownTag(at: at, tag: UInt64(form), of: "form of a bitmap")
    }
  }

  private init(sparse reader: inout ByteReader, limit: Int) throws(DecodingError) {
    var members: [Int] = []
    var next = 0
    for _ in 0..<(try reader.readCount()) {
      let member = next + (try Bitmap.readNumber(&reader, atMost: limit - 1 - next))
      members.append(member)
      next = member + 1
    }
    self.init(ascending: members)
  }

  /// Takes members in ascending order, each once.
  private init(ascending members: [Int]) {
    self.init()
    var words = [UInt64](repeating: 0, count: BitmapChunk.bitWordCount)
    var index = 0
    while index < members.count {
      let chunk = members[index] / BitmapChunk.size
      let start = payload.count
      for _ in heads.count..<chunk { heads.append(BitmapChunk.head(count: 0, start: start)) }
      for word in words.indices { words[word] = 0 }
      while index < members.count, members[index] / BitmapChunk.size == chunk {
        let place = members[index] % BitmapChunk.size
        words[place >> 6] |= 1 << UInt64(place & 63)
        index += 1
      }
      let count = unsafe words.withUnsafeBufferPointer { words in
        unsafe words.baseAddress.map { unsafe BitmapChunk.pack($0, onto: &payload) } ?? 0
      }
      heads.append(BitmapChunk.head(count: count, start: start))
    }
  }

  private init(chunks reader: inout ByteReader, limit: Int) throws(DecodingError) {
    let at = reader.offset
    let chunkCount = try reader.readCount(elementByteCount: 2)
    guard chunkCount <= (limit + BitmapChunk.size - 1) / BitmapChunk.size else {
      throw .countTooLarge(at: at, count: UInt64(chunkCount), limit: limit)
    }
    var kinds = ByteReader(try reader.readRaw(2 * chunkCount))
    self.init()
    heads.reserveCapacity(chunkCount)
    for _ in 0..<chunkCount {
      let kind = try kinds.read(UInt16.self)
      let count = Int(kind & ~Bitmap.runsFlag)
      guard count <= BitmapChunk.size else {
        throw .countTooLarge(at: at, count: UInt64(count), limit: BitmapChunk.size)
      }
      heads.append(BitmapChunk.head(count: count, start: payload.count))
      if kind & Bitmap.runsFlag != 0 {
        try appendRuns(from: &reader, count: count)
      } else if 1...BitmapChunk.sparseCountMax ~= count {
        try appendEntries(from: &reader, count: count)
      } else if BitmapChunk.wordCount(count) > 0 {
        try appendBits(from: &reader, count: count)
      }
    }
    trim()
  }

  private mutating func appendEntries(
    from reader: inout ByteReader,
    count: Int
  ) throws(DecodingError) {
    var last = -1
    var word: UInt64 = 0
    for index in 0..<count {
      let at = reader.offset
      let entry = try reader.read(UInt16.self)
      guard Int(entry) > last, Int(entry) < BitmapChunk.size else {
        throw .invalidValue(at: at, what: "a member of a chunk out of order")
      }
      last = Int(entry)
      word |= UInt64(entry) << UInt64(index % 4 * 16)
      if index % 4 == 3 || index == count - 1 {
        payload.append(word)
        word = 0
      }
    }
  }

  private mutating func appendBits(
    from reader: inout ByteReader,
    count: Int
  ) throws(DecodingError) {
    let at = reader.offset
    let bytes = try reader.readRaw(BitmapChunk.size / 8)
    var members = 0
    unsafe bytes.withUnsafeBytes { bytes in
      for index in 0..<BitmapChunk.bitWordCount {
        let word = UInt64(
          littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        )
        members &+= word.nonzeroBitCount
        payload.append(word)
      }
    }
    guard members == count else {
      throw .invalidValue(at: at, what: "a chunk of \(members) members that says \(count)")
    }
  }

  private mutating func appendRuns(
    from reader: inout ByteReader,
    count: Int
  ) throws(DecodingError) {
    let at = reader.offset
    var words = [UInt64](repeating: 0, count: BitmapChunk.bitWordCount)
    var next = 0
    for _ in 0..<(try reader.read(UInt16.self)) {
      let start = Int(try reader.read(UInt16.self))
      let end = start + Int(try reader.read(UInt16.self)) + 1
      guard start >= next, end <= BitmapChunk.size else {
        throw .invalidValue(at: at, what: "a run of a chunk out of order")
      }
      for number in start..<end { words[number >> 6] |= 1 << UInt64(number & 63) }
      next = end
    }
    let members = unsafe words.withUnsafeBufferPointer { words in
      guard let first = words.baseAddress else { return 0 }
      return unsafe BitmapChunk.pack(first, onto: &payload)
    }
    guard members == count else {
      throw .invalidValue(at: at, what: "a chunk of \(members) members that says \(count)")
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
}
