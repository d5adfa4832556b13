import Domain

/// Rows that waited and are written to tables.
extension TapeTables {
  /// Writes the rows that wait to tables.
  mutating func finish(_ source: UnsafePointer<UInt8>, _ finished: inout [ChunkResult.Batch]) {
    guard list.count > 0 else { return }
    let starts = list.sort(shardCount: picker.count)
    for shard in 0..<picker.count {
      var next = starts[shard]
      while next < starts[shard + 1] {
        let first = next
        while next < starts[shard + 1], !table.isFull(byteCountMax) {
          let block = next..<min(next + LineList.blockCount, starts[shard + 1])
          unsafe list.bringKeys(of: block, source)
          for index in block where !table.isFull(byteCountMax) {
            unsafe appendKey(index, index - block.lowerBound, source)
            next &+= 1
          }
        }
        for index in first..<next { unsafe appendValues(list.heads[Int(list.sorted[index])]) }
        unsafe finish(shard, source, &finished)
      }
    }
    list.removeAll()
    for column in 0..<columnCount { unsafe columns[column].forms = 0 }
  }

  /// Appends the key of a row, the one of that number in the block.
  @inline(__always)
  private mutating func appendKey(
    _ index: Int,
    _ numberInBlock: Int,
    _ source: UnsafePointer<UInt8>
  ) {
    let row = unsafe list.heads[Int(list.sorted[index])]
    let key = unsafe list.key(row, numberInBlock, source)
    unsafe table.append(key, row.keyByteCount, row.hash, byteCount: row.byteCount)
  }

  @inline(__always)
  private mutating func appendValues(_ row: LineList.Head) {
    let (columns, counts) = unsafe (self.columns, self.counts)
    unsafe counts[0] &+= 1
    let (values, numbers) = unsafe (list.values + row.firstStep, list.columns + row.firstStep)
    for index in 0..<row.stepCount {
      let number = unsafe Int(numbers[index])
      guard number >= 0 else {
        unsafe counts[-1 &- number] &+= 1
        continue
      }
      let column = unsafe columns + number
      let place = unsafe counts[column.pointee.scope] &- 1
      let value = unsafe values[index]
      if unsafe column.pointee.lane == TapePlaces.Lane.double {
        unsafe column.pointee.cells.append(double: Double(bitPattern: value), row: place)
      } else {
        unsafe column.pointee.cells.append(value, column.pointee.forms, row: place)
      }
    }
  }

  private mutating func finish(
    _ shard: Int,
    _ source: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    let rowCount = table.rowCount
    let filled = filledColumns(of: 0)
    var writer = unsafe TableBatchWriter(
      kind: kind,
      rowCount: rowCount,
      columnCount: filled.count,
      keys: table.keys.list,
      keyNumbers: table.keyNumbers.numbers
    )
    unsafe write(filled, source, &writer)
    unsafe counts.update(repeating: 0, count: places.scopeCount)
    table.removeAll()
    finished.append(
      ChunkResult.Batch(
        shard: ShardIndex(UInt32(truncatingIfNeeded: shard)),
        rows: writer.finish(),
        rowCount: rowCount
      )
    )
  }

  private func filledColumns(of scope: Int) -> [Int] {
    (0..<columnCount).filter {
      unsafe columns[$0].scope == scope && columns[$0].cells.count > 0
    }
  }

  private mutating func write(
    _ filled: [Int],
    _ source: UnsafePointer<UInt8>,
    _ writer: inout TableBatchWriter
  ) {
    for number in filled {
      let column = unsafe columns + number
      let rowCount = unsafe counts[column.pointee.scope]
      let bits = unsafe column.pointee.cells.bits(rowCount)
      unsafe writer.beginColumn(places.columns[number].names, presence: bits)
      let values = unsafe column.pointee.cells.all
      let forms = unsafe column.pointee.cells.forms
      switch unsafe column.pointee.lane {
      case TapePlaces.Lane.boolean: unsafe writer.write(booleans: UnsafeBufferPointer(values))
      case TapePlaces.Lane.integer: unsafe writer.write(integers: UnsafeBufferPointer(values))
      case TapePlaces.Lane.double: unsafe DecimalCell.write(values, forms, &writer)
      case TapePlaces.Lane.text:
        unsafe output.write(
          values,
          forms,
          TableScratch.Source(
            text: source,
            presence: column.pointee.cells.presence,
            rowCount: rowCount,
            keyNumbers: table.keyNumbers.base,
            keys: table.keys
          ),
          &column.pointee.codes,
          &writer
        )
      default:
        let elements = filledColumns(of: places.columns[number].elements)
        unsafe writer.write(arrays: UnsafeBufferPointer(values), columnCount: elements.count)
        unsafe write(elements, source, &writer)
      }
      unsafe column.pointee.cells.removeAll(rowCount)
    }
  }
}
