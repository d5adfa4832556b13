/// Kernels that choose rows of a table and say whose they are. Shapes are checked by the callers.

/// A number of `width` bytes.
@inline(__always)
func packedNumber(_ start: UnsafeRawPointer, _ width: Int, _ index: Int) -> UInt64 {
  switch width {
  case 1: unsafe UInt64(start.load(fromByteOffset: index, as: UInt8.self))
  case 2: unsafe UInt64(start.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
  case 4: unsafe UInt64(start.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
  default: unsafe start.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
  }
}

/// Widens `count` numbers of `width` bytes.
func widen(
  _ numbers: UnsafeRawPointer,
  width: Int,
  count: Int,
  into target: UnsafeMutablePointer<UInt32>
) {
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { unsafe target[index] = UInt32(numbers[index]) }
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    for index in 0..<count { unsafe target[index] = UInt32(numbers[index]) }
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    for index in 0..<count { unsafe target[index] = numbers[index] }
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
    for index in 0..<count { unsafe target[index] = UInt32(truncatingIfNeeded: numbers[index]) }
  }
}

/// Sets a bit for each number that is at least `floor`, in words of 64.
///
/// Up to 63 numbers behind the last one are read; their bits are not set.
func reaches(
  _ floor: UInt64,
  _ numbers: UnsafeRawPointer,
  width: Int,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  switch width {
  case 1:
    unsafe reaches(floor, numbers.assumingMemoryBound(to: UInt8.self), count, words)
  case 2:
    unsafe reaches(floor, numbers.assumingMemoryBound(to: UInt16.self), count, words)
  case 4:
    unsafe reaches(floor, numbers.assumingMemoryBound(to: UInt32.self), count, words)
  default:
    unsafe reaches(floor, numbers.assumingMemoryBound(to: UInt64.self), count, words)
  }
  if count & 63 > 0 {
    unsafe words[count >> 6] &= 1 &<< UInt64(truncatingIfNeeded: count & 63) &- 1
  }
}

@inline(__always)
private func reaches<Number: FixedWidthInteger & UnsignedInteger>(
  _ floor: UInt64,
  _ numbers: UnsafePointer<Number>,
  _ count: Int,
  _ words: UnsafeMutablePointer<UInt64>
) {
  let wordCount = (count &+ 63) >> 6
  guard let floor = Number(exactly: floor) else {
    return unsafe words.update(repeating: 0, count: wordCount)
  }
  for word in 0..<wordCount {
    let numbers = unsafe numbers + word &* 64
    var bits: UInt64 = 0
    for index in 0..<64 {
      bits |= (unsafe numbers[index] >= floor ? 1 : 0) &<< UInt64(truncatingIfNeeded: index)
    }
    unsafe words[word] = bits
  }
}

/// Spreads the bits of values over rows: those rows that `presence` has get the next value's bit.
func spread(
  _ bits: UnsafePointer<UInt64>,
  over presence: UnsafePointer<UInt64>,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  var position = 0
  for word in 0..<wordCount {
    var rest = unsafe presence[word]
    var spread: UInt64 = 0
    while rest != 0 {
      let bit = rest & (0 &- rest)
      let value = unsafe bits[position >> 6] &>> UInt64(truncatingIfNeeded: position & 63) & 1
      spread |= bit & (0 &- value)
      position &+= 1
      rest &= rest &- 1
    }
    unsafe words[word] = spread
  }
}

/// Lists the set bits.
///
/// - Returns: how many there are.
func list(
  _ words: UnsafePointer<UInt64>,
  wordCount: Int,
  into rows: UnsafeMutablePointer<UInt32>
) -> Int {
  var count = 0
  for word in 0..<wordCount {
    var rest = unsafe words[word]
    let base = word &* 64
    while rest != 0 {
      unsafe rows[count] = UInt32(truncatingIfNeeded: base &+ rest.trailingZeroBitCount)
      count &+= 1
      rest &= rest &- 1
    }
  }
  return count
}

/// For each of some ascending places below or at the number of bits, how many bits before it are set.
func ranks(
  of words: UnsafePointer<UInt64>,
  _ places: UnsafeMutablePointer<UInt32>,
  count: Int
) {
  var word = 0
  var before: UInt32 = 0
  for index in 0..<count {
    let place = Int(unsafe places[index])
    while word < place >> 6 {
      before &+= UInt32(truncatingIfNeeded: unsafe words[word].nonzeroBitCount)
      word &+= 1
    }
    // At the end of the last word nothing of the next one is counted.
    let mask = 1 &<< UInt64(truncatingIfNeeded: place & 63) &- 1
    let inside = mask == 0 ? 0 : unsafe words[word] & mask
    unsafe places[index] = before &+ UInt32(truncatingIfNeeded: inside.nonzeroBitCount)
  }
}

/// Writes the place (`ProfilePlace`) of each row's profile.
func writePlaces(
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  into places: UnsafeMutablePointer<UInt16>
) {
  for row in 0..<count {
    let profile = unsafe profiles[row]
    unsafe places[row] = profile & ~255 | (profile & 63) &<< 2 | profile &>> 6 & 3
  }
}

/// The same for chosen rows.
func writePlaces(
  of profiles: UnsafePointer<UInt16>,
  _ rows: UnsafePointer<UInt32>,
  count: Int,
  into places: UnsafeMutablePointer<UInt16>
) {
  for index in 0..<count {
    let profile = unsafe profiles[Int(rows[index])]
    unsafe places[index] = profile & ~255 | (profile & 63) &<< 2 | profile &>> 6 & 3
  }
}

/// Finds the values of chosen rows in a lane that not every row has a value in.
///
/// - Parameters:
///   - presence: by row of the table, whether it has a value.
///   - chosen: by row, whether it is chosen.
///   - wordCount: words of both.
///   - values: for each chosen row that has one, the number of its value.
///   - places: for each such row its place among the chosen ones.
/// - Returns: how many chosen rows have a value.
func positions(
  _ presence: UnsafePointer<UInt64>,
  of chosen: UnsafePointer<UInt64>,
  wordCount: Int,
  values: UnsafeMutablePointer<UInt32>,
  places: UnsafeMutablePointer<UInt32>
) -> Int {
  var found = 0
  var valueCount = 0
  var chosenCount = 0
  for word in 0..<wordCount {
    let (present, wanted) = unsafe (presence[word], chosen[word])
    var rest = present & wanted
    while rest != 0 {
      let below = (rest & (0 &- rest)) &- 1
      let (value, place) = ((present & below).nonzeroBitCount, (wanted & below).nonzeroBitCount)
      unsafe values[found] = UInt32(truncatingIfNeeded: valueCount &+ value)
      unsafe places[found] = UInt32(truncatingIfNeeded: chosenCount &+ place)
      found &+= 1
      rest &= rest &- 1
    }
    valueCount &+= present.nonzeroBitCount
    chosenCount &+= wanted.nonzeroBitCount
  }
  return found
}
