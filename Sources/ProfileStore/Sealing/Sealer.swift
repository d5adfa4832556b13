import Bytes
import Domain
import Platform

/// Makes a shard's block file from its log, or from the file before and what the log has gained.
///
/// Each batch is read once: its keys get their ordinals, and its rows are put apart by the blocks
/// they belong to. Then block after block is written; one that gained nothing is copied. Memory is
/// bounded by the options' budget for rows, besides the keys and dictionaries.
///
/// Where all batches are columns, blocks are gathered from them instead, as `LogTables` does it.
struct Sealer {
  /// Rows are put apart by at most so many ranges of ordinals.
  private static let bucketCountMax = 1_024

  private let disk: any Disk
  let options: StoreOptions
  let contents: StoreContents
  let batches: [ImportLedger.Batch]
  /// All batches are columns, and what was made from those before is of no use.
  private let isOfTables: Bool
  let log: LogReader
  private let previous: BlockFile?
  let seed: UInt64
  var transcoder = RowTranscoder()
  var keys: SealedKeys
  private var rows: RowBuckets
  private let bucketProfileCount: Int
  var eventCount: UInt64
  /// Events of each code of the dictionary of event types.
  var typeCounts: [Int] = []

  /// Prepares to make the file of the committed contents.
  ///
  /// - Parameters:
  ///   - disk: where the shard is.
  ///   - logPath: its log.
  ///   - spillPath: where rows go that are over the budget.
  ///   - ledger: what the log says.
  ///   - previous: a file of earlier contents, if there is one.
  ///   - options: how the shard is kept.
  /// - Throws: damage of the file before, or that the log cannot be read.
  init(
    disk: any Disk,
    logPath: String,
    spillPath: String,
    ledger: ImportLedger,
    previous: BlockFile?,
    options: StoreOptions
  ) throws(StoreError) {
    self.disk = disk
    self.options = options
    contents = ledger.contents
    let log = try LogReader(disk: disk, path: logPath)
    self.log = log
    let from = previous?.contents.lsn ?? 0
    let added = ledger.committed.filter { $0.contents.lsn > from }.flatMap(\.batches)
    let all = ledger.committed.flatMap(\.batches)
    isOfTables =
      Sealer.areMany(added, of: all) && all.allSatisfy { log.isTable($0) }
    batches = isOfTables ? all : added
    let previous = isOfTables ? nil : previous
    self.previous = previous
    seed = options.keySeed ?? .random(in: .min ... .max)
    keys = SealedKeys(try previous?.keys(), seed: seed)
    eventCount = previous?.contents.eventCount ?? 0
    let header = BlockFileFormat.Header(
      blockProfileCount: options.blockProfileCount,
      contents: contents
    )
    let blocksOfBucket = max(1, (header.blockCount - 1) / Sealer.bucketCountMax + 1)
    bucketProfileCount = blocksOfBucket * options.blockProfileCount
    rows = RowBuckets(
      count: (header.blockCount + blocksOfBucket - 1) / blocksOfBucket,
      disk: disk,
      spillPath: spillPath,
      byteCountMax: options.rowByteCountMax / 2
    )
  }

  /// Whether so much was added that little of the file before could be copied.
  private static func areMany(_ added: [ImportLedger.Batch], of all: [ImportLedger.Batch]) -> Bool {
    4 * added.reduce(0) { $0 + $1.byteCount } >= all.reduce(0) { $0 + $1.byteCount }
  }

  /// Writes the file at `path`, as a whole and durably.
  mutating func seal(at path: String) throws(StoreError) {
    defer { rows.remove() }
    var tables = try isOfTables ? openTables() : nil
    let types = try tables == nil ? distribute() : eventTypes()
    let header = BlockFileFormat.Header(
      blockProfileCount: options.blockProfileCount,
      contents: contents
    )
    var writer = try disking { () throws(DiskError) in
      try BlockFileWriter(disk: disk, path: path, header: header)
    }
    do throws(StoreError) {
      let catalogue = SealedCatalogue(
        fileNames: previous?.catalogue.names ?? [],
        dictionaries: transcoder.dictionaries
      )
      var builder = makeBuilder(types, catalogue)
      if var open = tables {
        tables = nil
        try write(&open, &builder, to: &writer)
      } else {
        try writeBuckets(types, &builder, to: &writer)
      }
      try finish(types, catalogue, builder, &writer)
    } catch {
      writer.abandon()
      throw error
    }
  }

  // MARK: Reading

  /// Puts the rows of all batches into their buckets.
  ///
  /// - Returns: the types of events that have tables of their own.
  private mutating func distribute() throws(StoreError) -> [Text] {
    try begin()
    for batch in batches {
      var bytes = try log.rows(of: batch)
      if bytes.first == TableBatch.version {
        bytes = try log.decode(batch) { () throws(DecodingError) in try TableRows.rowBatch(bytes) }
      }
      try unsafe bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
        try unsafe distribute(bytes, batch)
      }
    }
    try finishReading()
    return eventTypes()
  }

  /// Checks that the log holds what it says.
  func finishReading() throws(StoreError) {
    guard contents.profileCount == UInt64(keys.count), contents.eventCount == eventCount else {
      throw log.damaged("it holds \(keys.count) profiles and \(eventCount) events")
    }
    keys.finish()
  }

  mutating func ordinal(of key: UnsafeRawBufferPointer) throws(StoreError) -> Int {
    let ordinal = try unsafe keys.ordinal(of: key)
    guard ordinal < contents.profileCount else {
      throw log.damaged("it has more than \(contents.profileCount) profiles")
    }
    return ordinal
  }

  /// Takes over what the file before numbered.
  mutating func begin() throws(StoreError) {
    if let previous {
      for name in previous.catalogue.names { _ = transcoder.programs.names.number(of: name) }
      for (number, dictionary) in previous.catalogue.dictionaries.enumerated() {
        let node = transcoder.programs.tree.node(at: dictionary.path)
        transcoder.addDictionary(try previous.dictionary(number).table(), at: node)
      }
      for path in previous.catalogue.maps {
        transcoder.programs.tree.setMap(transcoder.programs.tree.node(at: path))
      }
    }
    for name in [ReservedFields.events, ReservedFields.eventType, ReservedFields.timestamp] {
      _ = transcoder.programs.names.number(of: name)
    }
  }

  private mutating func distribute(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ batch: ImportLedger.Batch
  ) throws(StoreError) {
    let tables = try log.decode(batch) { () throws(DecodingError) in
      try unsafe transcoder.begin(bytes)
    }
    var ordinals: [Int] = []
    ordinals.reserveCapacity(tables.keys.count)
    for range in tables.keys {
      let key = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range]))
      ordinals.append(try unsafe ordinal(of: key))
    }
    eventCount += UInt64(tables.eventCount)
    while let row = try log.decode(batch, { () throws(DecodingError) in try transcoder.next() }) {
      let ordinal = ordinals[row.key]
      if row.type >= 0 { count(type: row.type) }
      let header = RowHeader(row, ordinal: ordinal, byteCount: transcoder.output.count)
      try rows.append(header, transcoder.output, to: ordinal / bucketProfileCount)
    }
  }

  @inline(__always)
  private mutating func count(type: Int) {
    if type >= typeCounts.count {
      typeCounts += Array(repeating: 0, count: type + 1 - typeCounts.count)
    }
    typeCounts[type] &+= 1
  }

  /// The place of events' types.
  private var typeNode: Int32? {
    mutating get {
      let name = transcoder.programs.names.number(of: ReservedFields.eventType)
      return transcoder.programs.tree.child(of: FieldTree.events, name: Int32(bitPattern: name))
    }
  }

  /// The types of the file before, and behind them the most frequent others, equally frequent ones
  /// in the order of their first event.
  ///
  /// None of these others was in the file before as long as it had room for more.
  private mutating func eventTypes() -> [Text] {
    var types = previous?.catalogue.eventTypes ?? []
    let known = Set(types)
    guard let texts = typeTexts() else { return types }
    let codes = typeCounts.indices.filter { typeCounts[$0] > 0 }.sorted {
      typeCounts[$0] == typeCounts[$1] ? $0 < $1 : typeCounts[$0] > typeCounts[$1]
    }
    for code in codes where types.count < FileCatalogue.eventTypeCountMax {
      if let text = Text(utf8: texts[code]), !known.contains(text) { types.append(text) }
    }
    return types
  }

  mutating func typeTexts() -> TextTable? {
    guard let node = typeNode else { return nil }
    let number = Int(transcoder.programs.tree.nodes[Int(node)].dictionary)
    return number < 0 ? nil : transcoder.dictionaries[number].texts
  }

  // MARK: Writing

  /// The code of each event type; -1 for one that the log has not.
  private mutating func codes(of types: [Text]) -> [Int] {
    let texts = typeTexts()
    return types.map { text -> Int in
      var string = text.string
      return string.withUTF8 { unsafe texts?.find(UnsafeRawBufferPointer($0)) ?? -1 }
    }
  }

  private mutating func makeBuilder(
    _ types: [Text],
    _ catalogue: SealedCatalogue
  ) -> BlockBuilder {
    var tableOfCode = Array(repeating: types.count, count: typeTexts()?.count ?? 0)
    for (table, code) in codes(of: types).enumerated() where code >= 0 {
      tableOfCode[code] = table
    }
    return BlockBuilder(
      RowReader(transcoder.programs, catalogue),
      catalogue,
      keys: keys,
      tableOfCode: tableOfCode,
      typeCount: types.count
    )
  }

  /// Writes what follows the blocks, and ends the file.
  private func finish(
    _ types: [Text],
    _ catalogue: SealedCatalogue,
    _ builder: BlockBuilder,
    _ writer: inout BlockFileWriter
  ) throws(StoreError) {
    do throws(DiskError) {
      try writer.append(keys, seed: seed)
      try writer.append(fileCatalogue(types, catalogue, builder).bytes, profileCount: keys.count)
      for number in catalogue.fileDictionaries {
        let bytes = transcoder.dictionaries[number].texts.dictionaryBytes
        try writer.append(bytes, profileCount: keys.count)
      }
      try writer.finish()
    } catch {
      throw .disk(error)
    }
  }

  /// Writes all blocks, bucket by bucket.
  private mutating func writeBuckets(
    _ types: [Text],
    _ builder: inout BlockBuilder,
    to writer: inout BlockFileWriter
  ) throws(StoreError) {
    let typeCodes = codes(of: types)
    var first = 0
    var bucket = 0
    while first < keys.count {
      let ordinals = first..<min(first + bucketProfileCount, keys.count)
      try write(bucket, ordinals, typeCodes, &builder, to: &writer)
      first = ordinals.upperBound
      bucket += 1
    }
  }

  /// Writes the blocks of a bucket.
  private mutating func write(
    _ bucket: Int,
    _ ordinals: Range<Int>,
    _ typeCodes: [Int],
    _ builder: inout BlockBuilder,
    to writer: inout BlockFileWriter
  ) throws(StoreError) {
    let size = options.blockProfileCount
    let blocks = ordinals.lowerBound / size...(ordinals.upperBound - 1) / size
    var bytes: [UInt8] = []
    var isCopied: [Bool]
    if let previous {
      var added: [UInt8] = []
      try rows.take(bucket, into: &added)
      isCopied = unchanged(blocks, added, of: previous)
      // Types that the file before had no table for come behind those that it had.
      let storedCodes = Array(typeCodes.prefix(previous.catalogue.eventTypes.count))
      for block in blocks where block < previous.blockCount && !isCopied[block - blocks.lowerBound]
      {
        let columns = try previous.columns(block)
        builder.withPrograms { programs in
          let name = programs.names.number(of: ReservedFields.eventType)
          var stored = StoredRows(columns, typeCodes: storedCodes, eventTypeName: name)
          stored.append(to: &bytes, firstOrdinal: block * size, &programs)
        }
      }
      bytes += added
    } else {
      try rows.take(bucket, into: &bytes)
      isCopied = Array(repeating: false, count: blocks.count)
    }
    let sorted = SortedRows(bytes, ordinals)
    for block in blocks {
      let profiles = block * size..<min((block + 1) * size, keys.count)
      let built: [UInt8]
      if isCopied[block - blocks.lowerBound], let previous {
        built = try previous.blockBytes(block)
      } else {
        let start = profiles.lowerBound - ordinals.lowerBound
        built = unsafe bytes.withUnsafeBytes { bytes in
          var rows = unsafe BucketRows(bytes)
          return builder.block(
            profiles,
            &rows,
            places: sorted.places,
            starts: sorted.starts[start...start + profiles.count],
            paddedTo: BlockFileFormat.alignment
          )
        }
      }
      try disking { () throws(DiskError) in
        try writer.append(built, profileCount: profiles.count)
      }
    }
  }

  /// For each block whether the file before has it as it will be.
  private func unchanged(
    _ blocks: ClosedRange<Int>,
    _ added: [UInt8],
    of previous: BlockFile
  ) -> [Bool] {
    var unchanged = blocks.map { block in
      block < previous.blockCount
        && previous.profileCount(block)
          == min(options.blockProfileCount, keys.count - block * options.blockProfileCount)
    }
    SortedRows.forEach(added) { _, header in
      unchanged[Int(header.ordinal) / options.blockProfileCount - blocks.lowerBound] = false
    }
    return unchanged
  }

  func disking<Result>(
    _ body: () throws(DiskError) -> Result
  ) throws(StoreError) -> Result {
    do throws(DiskError) {
      return try body()
    } catch {
      throw .disk(error)
    }
  }
}
