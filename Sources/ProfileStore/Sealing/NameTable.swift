import Bytes

/// Field names and their numbers, in the order in which they were first seen.
struct NameTable {
  private(set) var names: [Text] = []
  private var numbers: [Text: UInt32] = [:]

  mutating func number(of name: Text) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }

  func existingNumber(of name: Text) -> UInt32? { numbers[name] }
}
