/// Memory for lists of numbers that live as long as the arena does.
@safe final class NumberArena {
  private var lists: [UnsafeMutablePointer<UInt32>] = unsafe []

  deinit {
    for index in unsafe lists.indices { unsafe lists[index].deallocate() }
  }

  /// A list of so many zeros, and room for one number more.
  func list(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    let list = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 1)
    unsafe list.initialize(repeating: 0, count: count + 1)
    unsafe lists.append(list)
    return unsafe list
  }
}
