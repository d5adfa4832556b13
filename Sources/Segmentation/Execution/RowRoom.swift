/// Rows that something goes through, and room for their classes.
@safe final class RowRoom {
  let rows: TableRows
  private let rooms: Scratch<UInt16>
  private let stride: Int

  init(_ fieldCount: Int, _ rowCountMax: Int, _ everyNumber: UnsafePointer<UInt32>) {
    rows = unsafe TableRows(rowCountMax: rowCountMax, everyNumber: everyNumber)
    stride = (rowCountMax + 127) / 64 * 64
    rooms = Scratch(count: max(1, fieldCount) * stride)
  }

  /// By row, the class of a field.
  func classes(_ field: Int) -> UnsafeMutablePointer<UInt16> {
    unsafe rooms.pointer + field * stride
  }
}
