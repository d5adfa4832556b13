import ProfileStore

/// Finds the rows that pass tests which bounds do not tell: by the class of every row's value.
@safe final class ClassVectors {
  private let classes: FieldClasses
  private let numbers: Scratch<UInt16>
  private let masks: Scratch<UInt64>
  private let squares = Scratch<SIMD4<UInt64>>(count: 64)

  init(_ binding: ShardBinding, _ classes: FieldClasses, rowCountMax: Int) {
    self.classes = classes
    let count = binding.maskTables.isEmpty ? 0 : rowCountMax
    numbers = Scratch(count: count + 64)
    masks = Scratch(count: count + 256)
  }

  /// Writes the vectors of a field's tests, one after the other.
  ///
  /// - Parameters:
  ///   - step: the field.
  ///   - table: the table.
  ///   - number: its number in the block.
  ///   - rows: its rows.
  ///   - wordCount: words of each vector.
  ///   - own: where they are written.
  /// - Throws: damage that was found.
  func write(
    _ step: FieldStep,
    _ table: FlatTable,
    number: Int,
    _ rows: TableRows,
    wordCount: Int,
    into own: UnsafeMutablePointer<UInt64>
  ) throws(StoreError) {
    let (numbers, masks, rowCount) = unsafe (numbers.pointer, masks.pointer, rows.count)
    try unsafe classes.write(step, table, number: number, rows, into: numbers)
    unsafe own.update(repeating: 0, count: step.testCount * wordCount)
    let most = MaskTable.testCountMax
    for start in stride(from: 0, to: unsafe step.testCount, by: most) {
      let count = unsafe min(most, step.testCount - start)
      let table = unsafe classes.masks[step.maskTable + start / most]
      for row in 0..<rowCount { unsafe masks[row] = table[Int(numbers[row])] }
      for row in rowCount..<rowCount + 255 { unsafe masks[row] = 0 }
      unsafe writeRowVectors(
        of: masks,
        count: rowCount,
        keeping: count == 64 ? .max : (1 << UInt64(count)) - 1,
        by: squares.pointer,
        into: own + start * wordCount,
        wordCount: wordCount
      )
    }
  }
}
