/// Strict UTF-8 as in Unicode 16.0 table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF.
public enum UTF8Validation {
  /// Offset of the first byte that no valid sequence starts at; `nil` when all bytes are valid.
  public static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var index = 0
    while index < bytes.count {
      if index &+ 8 <= bytes.count {
        let word = unsafe UnsafeRawBufferPointer(bytes)
          .loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if word & 0x8080_8080_8080_8080 == 0 {
          index &+= 8
          continue
        }
      }
      let length = unsafe sequenceLength(bytes, at: index)
      guard length > 0 else { return index }
      index &+= length
    }
    return nil
  }

  /// Whether all bytes are ASCII.
  public static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var all: UInt8 = 0
    for index in 0..<bytes.count { all |= unsafe bytes[index] }
    return all < 0x80
  }

  public static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    unsafe bytes.withUnsafeBufferPointer { unsafe firstInvalid($0) }
  }

  /// Bytes of the valid sequence that starts at `index`, 1 to 4; 0 when none does.
  static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let lead = unsafe bytes[index]
    if lead < 0x80 { return 1 }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard bytes.count &- index >= length, unsafe second.contains(bytes[index &+ 1]) else {
      return 0
    }
    var offset = 2
    while offset < length {
      guard unsafe bytes[index &+ offset] & 0xC0 == 0x80 else { return 0 }
      offset &+= 1
    }
    return length
  }
}
