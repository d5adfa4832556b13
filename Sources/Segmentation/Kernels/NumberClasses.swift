import ProfileStore

/// The classes of a lane's numbers where few cuts are among them: every number is compared with every
/// cut, many numbers at once.
///
/// Cuts are taken relative to what the lane's numbers count from; those that all numbers have reached,
/// and those that none can, are left out.
@unsafe struct FewCuts {
  /// Cuts at most.
  static let countMax = 8

  /// The class of numbers that have reached no cut.
  private(set) var first: UInt16
  private(set) var count = 0
  private var cuts: (SIMD4<UInt64>, SIMD4<UInt64>) = (.zero, .zero)
  /// What a cut that was reached adds to the class, wrapping.
  private var steps: SIMD8<UInt16> = .zero

  /// Takes the cuts that matter among numbers from `base` to `base + largest`; `nil` when they are too
  /// many.
  init?(_ all: LaneCuts, base: UInt64, largest: UInt64) {
    unsafe first = all.classes[0]
    var last = unsafe first
    for index in 0..<(unsafe all.count) {
      let (cut, own) = unsafe (all.cuts[index], all.classes[index + 1])
      if cut <= base {
        unsafe first = own
      } else if cut - base <= largest {
        if unsafe count == Self.countMax { return nil }
        let place = unsafe count
        if place < 4 {
          unsafe cuts.0[place] = cut - base
        } else {
          unsafe cuts.1[place - 4] = cut - base
        }
        unsafe steps[place] = own &- last
        unsafe count += 1
      } else {
        break
      }
      last = own
    }
  }

  /// The cuts' high parts.
  func highParts(_ shift: UInt64) -> FewCuts {
    var parts = unsafe self
    unsafe parts.cuts.0 = cuts.0 &>> SIMD4(repeating: shift)
    unsafe parts.cuts.1 = cuts.1 &>> SIMD4(repeating: shift)
    return unsafe parts
  }

  /// A cut by its place.
  private func cut(_ place: Int) -> UInt64 {
    unsafe place < 4 ? cuts.0[place] : cuts.1[place - 4]
  }

  /// The class of one number.
  func classOf(_ number: UInt64) -> UInt16 {
    unsafe (0..<count).reduce(first) { unsafe number >= cut($1) ? $0 &+ steps[$1] : $0 }
  }

  /// Of 64 numbers, those that are a cut.
  @inline(__always)
  func cuts(among numbers: UnsafePointer<UInt16>) -> UInt64 {
    var found: UInt64 = 0
    for place in 0..<(unsafe count) {
      found |= unsafe compare(numbers, with: UInt16(truncatingIfNeeded: cut(place))).equal
    }
    return found
  }

  /// Writes the classes of numbers that lie one after the other.
  @inline(__always)
  func write<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafePointer<Number>,
    count rowCount: Int,
    into classes: UnsafeMutablePointer<UInt16>
  ) {
    let first = unsafe first
    // A cut that is not there adds nothing.
    let cut = unsafe (
      Number(truncatingIfNeeded: cuts.0[0]), Number(truncatingIfNeeded: cuts.0[1]),
      Number(truncatingIfNeeded: cuts.0[2]), Number(truncatingIfNeeded: cuts.0[3]),
      Number(truncatingIfNeeded: cuts.1[0]), Number(truncatingIfNeeded: cuts.1[1]),
      Number(truncatingIfNeeded: cuts.1[2]), Number(truncatingIfNeeded: cuts.1[3])
    )
    let step = unsafe (
      steps[0], steps[1], steps[2], steps[3], steps[4], steps[5], steps[6], steps[7]
    )
    if unsafe count <= 2 {
      for row in 0..<rowCount {
        let number = unsafe numbers[row]
        var own = first
        own &+= number >= cut.0 ? step.0 : 0
        own &+= number >= cut.1 ? step.1 : 0
        unsafe classes[row] = own
      }
    } else if unsafe count <= 4 {
      for row in 0..<rowCount {
        let number = unsafe numbers[row]
        var own = first
        own &+= number >= cut.0 ? step.0 : 0
        own &+= number >= cut.1 ? step.1 : 0
        own &+= number >= cut.2 ? step.2 : 0
        own &+= number >= cut.3 ? step.3 : 0
        unsafe classes[row] = own
      }
    } else {
      for row in 0..<rowCount {
        let number = unsafe numbers[row]
        var own = first
        own &+= number >= cut.0 ? step.0 : 0
        own &+= number >= cut.1 ? step.1 : 0
        own &+= number >= cut.2 ? step.2 : 0
        own &+= number >= cut.3 ? step.3 : 0
        own &+= number >= cut.4 ? step.4 : 0
        own &+= number >= cut.5 ? step.5 : 0
        own &+= number >= cut.6 ? step.6 : 0
        own &+= number >= cut.7 ? step.7 : 0
        unsafe classes[row] = own
      }
    }
  }
}

/// Room for values that are brought together before they are gone through.
@safe final class NumberRoom {
  fileprivate let numbers: Scratch<UInt64>
  fileprivate let classes: Scratch<UInt16>

  init(rowCountMax: Int) {
    numbers = Scratch(count: rowCountMax + 64)
    classes = Scratch(count: rowCountMax + 64)
  }
}

/// The classes of numbers from a base, of which none is above `largest`; the high parts of wide ones
/// may be known.
func writeClasses(
  ofNumbers numbers: UnsafeRawPointer,
  width: Int,
  base: UInt64,
  largest: UInt64,
  highParts: HighParts?,
  _ positions: LanePositions,
  by cuts: LaneCuts,
  _ room: NumberRoom,
  into classes: UnsafeMutablePointer<UInt16>
) {
  guard let few = unsafe FewCuts(cuts, base: base, largest: largest) else {
    return unsafe writeClasses(
      ofNumbers: numbers,
      width: width,
      base: base,
      positions,
      by: cuts,
      into: classes
    )
  }
  if unsafe few.count == 0 {
    let only = unsafe few.first
    return unsafe positions.write(into: classes) { _ in only }
  }
  if let highParts = unsafe highParts {
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
    return unsafe write(numbers, highParts, positions, few, room, classes)
  }
  switch width {
  case 1: unsafe write(numbers.assumingMemoryBound(to: UInt8.self), positions, few, room, classes)
  case 2: unsafe write(numbers.assumingMemoryBound(to: UInt16.self), positions, few, room, classes)
  case 4: unsafe write(numbers.assumingMemoryBound(to: UInt32.self), positions, few, room, classes)
  default: unsafe write(numbers.assumingMemoryBound(to: UInt64.self), positions, few, room, classes)
  }
}

@inline(__always)
private func write<Number: FixedWidthInteger & UnsignedInteger>(
  _ numbers: UnsafePointer<Number>,
  _ positions: LanePositions,
  _ few: FewCuts,
  _ room: NumberRoom,
  _ classes: UnsafeMutablePointer<UInt16>
) {
  let count = unsafe positions.count
  var source = unsafe numbers
  switch unsafe positions.form {
  case .all, .spread: break
  case .chosen, .scattered:
    let chosen = unsafe UnsafeMutableRawPointer(room.numbers.pointer)
      .assumingMemoryBound(to: Number.self)
    let values = unsafe positions.values
    for index in 0..<count { unsafe chosen[index] = numbers[Int(values[index])] }
    unsafe source = UnsafePointer(chosen)
  }
  switch unsafe positions.form {
  case .all, .chosen: unsafe few.write(source, count: count, into: classes)
  case .spread, .scattered:
    let own = unsafe room.classes.pointer
    unsafe few.write(source, count: count, into: own)
    let places = unsafe positions.places
    for index in 0..<count { unsafe classes[Int(places[index])] = own[index] }
  }
}

/// The same by the high parts, and by the whole numbers where those are a cut's.
///
/// Every row has a value in lanes with high parts.
private func write(
  _ numbers: UnsafePointer<UInt64>,
  _ highParts: HighParts,
  _ positions: LanePositions,
  _ few: FewCuts,
  _ room: NumberRoom,
  _ classes: UnsafeMutablePointer<UInt16>
) {
  let (count, values) = unsafe (positions.count, positions.values)
  var parts = unsafe highParts.numbers
  if unsafe positions.form != .all {
    let chosen = unsafe UnsafeMutableRawPointer(room.numbers.pointer)
      .assumingMemoryBound(to: UInt16.self)
    for index in 0..<count { unsafe chosen[index] = parts[Int(values[index])] }
    unsafe parts = UnsafePointer(chosen)
  }
  let fewParts = unsafe few.highParts(highParts.shift)
  unsafe fewParts.write(parts, count: count, into: classes)
  for first in stride(from: 0, to: count, by: 64) {
    var rest = unsafe fewParts.cuts(among: parts + first)
    while rest != 0 {
      let row = first &+ rest.trailingZeroBitCount
      rest &= rest &- 1
      if row >= count { break }
      let value = unsafe positions.form == .all ? row : Int(values[row])
      unsafe classes[row] = few.classOf(numbers[value])
    }
  }
}
