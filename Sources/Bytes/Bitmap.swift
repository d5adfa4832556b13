/// A set of small whole numbers, one bit each.
///
/// Memory follows the largest member: an eighth of a byte for every number up to it.
public struct Bitmap: Hashable, Sendable {
  /// Bit `n % 64` of word `n / 64` says whether `n` is a member.
  ///
  /// Invariant: the last word is not zero, so equal sets have equal words.
  @usableFromInline var storage: [UInt64]

  /// The empty set.
  @inlinable public init() { storage = [] }

  /// Takes bits as words: bit `n % 64` of word `n / 64` for member `n`.
  @inlinable public init(words: [UInt64]) {
    storage = words
    trim()
  }

  /// The numbers `0..<count`.
  @inlinable public init(below count: Int) {
    storage = Array(repeating: .max, count: count / 64)
    if count % 64 != 0 { storage.append((1 << UInt64(count % 64)) - 1) }
  }

  /// The given numbers, which must not be negative.
  @inlinable public init(_ members: some Sequence<Int>) {
    self.init()
    for member in members { insert(member) }
  }

  /// The bits, as few words as hold them.
  @inlinable public var words: [UInt64] { storage }

  @inlinable public var isEmpty: Bool { storage.isEmpty }

  /// How many members there are.
  @inlinable public var count: Int { storage.reduce(0) { $0 &+ $1.nonzeroBitCount } }

  /// The largest member; `nil` when there is none.
  @inlinable public var last: Int? {
    storage.last.map { storage.count * 64 - 1 - $0.leadingZeroBitCount }
  }

  @inlinable public func contains(_ number: Int) -> Bool {
    let word = number >> 6
    return storage.indices.contains(word) && storage[word] >> UInt64(number & 63) & 1 == 1
  }

  /// How many members are below `number`.
  @inlinable public func rank(_ number: Int) -> Int {
    let word = Swift.min(number >> 6, storage.count)
    var count = 0
    for index in 0..<word { count &+= storage[index].nonzeroBitCount }
    guard word < storage.count else { return count }
    let below = storage[word] & ((1 << UInt64(number & 63)) - 1)
    return count + below.nonzeroBitCount
  }

  @inlinable public mutating func insert(_ number: Int) {
    precondition(number >= 0, "a bitmap holds no \(number)")
    let word = number >> 6
    if word >= storage.count {
      storage.append(contentsOf: repeatElement(0, count: word + 1 - storage.count))
    }
    storage[word] |= 1 << UInt64(number & 63)
  }

  @inlinable public mutating func remove(_ number: Int) {
    let word = number >> 6
    guard storage.indices.contains(word) else { return }
    storage[word] &= ~(1 << UInt64(number & 63))
    trim()
  }

  @inlinable public mutating func formUnion(_ other: Bitmap) {
    let common = Swift.min(storage.count, other.storage.count)
    for index in 0..<common { storage[index] |= other.storage[index] }
    storage.append(contentsOf: other.storage[common...])
  }

  @inlinable public mutating func formIntersection(_ other: Bitmap) {
    storage.removeLast(Swift.max(0, storage.count - other.storage.count))
    for index in storage.indices { storage[index] &= other.storage[index] }
    trim()
  }

  @inlinable public mutating func subtract(_ other: Bitmap) {
    let common = Swift.min(storage.count, other.storage.count)
    for index in 0..<common { storage[index] &= ~other.storage[index] }
    trim()
  }

  @inlinable public func union(_ other: Bitmap) -> Bitmap {
    var result = self
    result.formUnion(other)
    return result
  }

  @inlinable public func intersection(_ other: Bitmap) -> Bitmap {
    var result = self
    result.formIntersection(other)
    return result
  }

  @inlinable public func subtracting(_ other: Bitmap) -> Bitmap {
    var result = self
    result.subtract(other)
    return result
  }

  /// How many members both sets have.
  @inlinable public func intersectionCount(_ other: Bitmap) -> Int {
    var count = 0
    for index in 0..<Swift.min(storage.count, other.storage.count) {
      count &+= (storage[index] & other.storage[index]).nonzeroBitCount
    }
    return count
  }

  @usableFromInline mutating func trim() {
    while storage.last == 0 { storage.removeLast() }
  }
}

extension Bitmap: Sequence {
  /// Gives the members in ascending order.
  public struct Iterator: IteratorProtocol {
    @usableFromInline let words: [UInt64]
    @usableFromInline var index = 0
    @usableFromInline var rest: UInt64

    @inlinable init(_ words: [UInt64]) {
      self.words = words
      rest = words.first ?? 0
    }

    @inlinable public mutating func next() -> Int? {
      while rest == 0 {
        index += 1
        guard index < words.count else { return nil }
        rest = words[index]
      }
      let bit = rest.trailingZeroBitCount
      rest &= rest &- 1
      return index * 64 + bit
    }
  }

  @inlinable public func makeIterator() -> Iterator { Iterator(storage) }
}
