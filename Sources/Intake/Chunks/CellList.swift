/// The cells of one CSV record: where each one's text is.
@safe struct CellList: ~Copyable {
  private(set) var count = 0
  /// Bit `i` where cell `i` of the first 64 is not empty.
  private(set) var filled: UInt64 = 0
  private var capacity = 64
  private var places: UnsafeMutablePointer<Tape.Place> = .allocate(capacity: 64)

  deinit { unsafe places.deallocate() }

  subscript(index: Int) -> Tape.Place {
    @inline(__always) get {
      assert(index >= 0 && index < count)
      return unsafe places[index]
    }
  }

  @inline(__always)
  mutating func append(offset: Int, count: Int) {
    if self.count == capacity { grow() }
    unsafe places[self.count] = Tape.Place(offset: offset, count: count)
    // Of later cells nothing is kept: shifts by 64 and more give zero.
    filled |= (count > 0 ? 1 : 0) << UInt64(truncatingIfNeeded: self.count)
    self.count &+= 1
  }

  /// Puts a cell in the place of another that is not empty either.
  mutating func replace(_ index: Int, offset: Int, count: Int) {
    assert(index >= 0 && index < self.count)
    unsafe places[index] = Tape.Place(offset: offset, count: count)
  }

  mutating func removeAll() {
    count = 0
    filled = 0
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Tape.Place>.allocate(capacity: 2 * capacity)
    unsafe larger.update(from: places, count: count)
    unsafe places.deallocate()
    unsafe places = larger
    capacity *= 2
  }
}
