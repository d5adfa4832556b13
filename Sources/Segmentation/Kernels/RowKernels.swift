import ProfileStore

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

/// The same for numbers of which mostly the high parts decide.
func reaches(
  _ floor: UInt64,
  _ numbers: UnsafePointer<UInt64>,
  _ highParts: HighParts,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  let floorPart = unsafe UInt16(clamping: floor &>> highParts.shift)
  for word in 0..<(count &+ 63) >> 6 {
    let first = word &* 64
    let (reached, equal) = unsafe compare(highParts.numbers + first, with: floorPart)
    var bits = reached
    var rest = equal
    while rest != 0 {
      let row = first &+ rest.trailingZeroBitCount
      if unsafe row < count && numbers[row] < floor { bits &= ~(rest & (0 &- rest)) }
      rest &= rest &- 1
    }
    unsafe words[word] = bits
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
/// Up to 8 numbers behind the last one may be written.
///
/// - Returns: how many there are.
func list(
  _ words: UnsafePointer<UInt64>,
  wordCount: Int,
  into rows: UnsafeMutablePointer<UInt32>
) -> Int {
  let bitsOfBytes = unsafe BitsOfBytes.table
  var count = 0
  for word in 0..<wordCount {
    unsafe list(words[word], from: word &* 64, bitsOfBytes, into: rows + count)
    count &+= unsafe words[word].nonzeroBitCount
  }
  return count
}

/// Lists the set bits of one word, numbered from a number on.
@inline(__always)
private func list(
  _ word: UInt64,
  from first: Int,
  _ bitsOfBytes: UnsafePointer<SIMD8<UInt32>>,
  into rows: UnsafeMutablePointer<UInt32>
) {
  var rest = word
  var count = 0
  if rest.nonzeroBitCount < BitsOfBytes.countMin {
    while rest != 0 {
      unsafe rows[count] = UInt32(truncatingIfNeeded: first &+ rest.trailingZeroBitCount)
      count &+= 1
      rest &= rest &- 1
    }
    return
  }
  var base = SIMD8<UInt32>(repeating: UInt32(truncatingIfNeeded: first))
  for _ in 0..<8 {
    let byte = Int(truncatingIfNeeded: rest & 255)
    let own = unsafe bitsOfBytes[byte] &+ base
    unsafe UnsafeMutableRawPointer(rows + count).storeBytes(of: own, as: SIMD8<UInt32>.self)
    count &+= byte.nonzeroBitCount
    rest = rest &>> 8
    base = base &+ 8
  }
}

/// The set bits of every byte, ascending, then nothing of meaning.
private enum BitsOfBytes {
  /// Bits of a word from which on it is worth to look at whole bytes.
  static let countMin = 12

  nonisolated(unsafe) static let table: UnsafePointer<SIMD8<UInt32>> = {
    let table = UnsafeMutablePointer<SIMD8<UInt32>>.allocate(capacity: 256)
    for byte in 0..<256 {
      var bits = SIMD8<UInt32>.zero
      var next = 0
      for bit in 0..<8 where byte >> bit & 1 == 1 {
        bits[next] = UInt32(bit)
        next += 1
      }
      unsafe (table + byte).initialize(to: bits)
    }
    return unsafe UnsafePointer(table)
  }()
}

/// Sets a bit for each row whose profile is wanted, in words of 64.
///
/// - Parameters:
///   - wanted: by profile, 0 when it is not.
///   - profiles: by row, its profile.
///   - count: how many rows.
///   - words: where bits are set.
func choose(
  _ wanted: UnsafePointer<UInt64>,
  _ profiles: UnsafePointer<UInt16>,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  for word in 0..<(count &+ 63) >> 6 {
    let start = word &* 64
    var bits: UInt64 = 0
    for index in 0..<min(64, count &- start) {
      let isWanted = unsafe wanted[Int(profiles[start &+ index])] != 0
      bits |= (isWanted ? 1 : 0) &<< UInt64(truncatingIfNeeded: index)
    }
    unsafe words[word] = bits
  }
}

/// Writes the profile of each of some chosen rows.
func writeProfiles(
  _ profiles: UnsafePointer<UInt16>,
  _ rows: UnsafePointer<UInt32>,
  count: Int,
  into target: UnsafeMutablePointer<UInt16>
) {
  for index in 0..<count { unsafe target[index] = profiles[Int(rows[index])] }
}

/// Writes where the rows of each profile begin, and behind the last one where they end.
///
/// - Parameters:
///   - profiles: by row, its profile, ascending.
///   - count: how many rows.
///   - profileCount: how many profiles.
///   - starts: room for one more.
func writeStarts(
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  profileCount: Int,
  into starts: UnsafeMutablePointer<UInt32>
) {
  unsafe starts.update(repeating: 0, count: profileCount + 1)
  // Side by side, because rows of one profile follow each other and have to wait for each other.
  let half = count >> 1
  for row in 0..<half {
    unsafe starts[Int(profiles[row]) &+ 1] &+= 1
    unsafe starts[Int(profiles[row &+ half]) &+ 1] &+= 1
  }
  if count & 1 == 1 { unsafe starts[Int(profiles[count &- 1]) &+ 1] &+= 1 }
  var sum: UInt32 = 0
  for profile in 0...profileCount {
    unsafe sum &+= starts[profile]
    unsafe starts[profile] = sum
  }
}

/// Finds the values of chosen rows in a lane that not every row has a value in.
///
/// Up to 8 numbers behind the last ones may be written.
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
  let bitsOfBytes = unsafe BitsOfBytes.table
  for word in 0..<wordCount {
    let (present, wanted) = unsafe (presence[word], chosen[word])
    let both = present & wanted
    unsafe list(extract(both, where: present), from: valueCount, bitsOfBytes, into: values + found)
    unsafe list(extract(both, where: wanted), from: chosenCount, bitsOfBytes, into: places + found)
    found &+= both.nonzeroBitCount
    valueCount &+= present.nonzeroBitCount
    chosenCount &+= wanted.nonzeroBitCount
  }
  return found
}
