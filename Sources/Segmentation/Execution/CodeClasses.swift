/// The classes of the codes of a dictionary: few have another one than usual.
struct CodeClasses {
  let usual: UInt16
  /// How many codes there are.
  let count: Int
  /// By code, ascending, those of another class.
  var others: [(code: Int, class: UInt16)] = []

  init(usual: UInt16, count: Int) {
    self.usual = usual
    self.count = count
  }

  /// The class of each code.
  var all: [UInt16] {
    var classes = [UInt16](repeating: usual, count: count)
    for (code, number) in others { classes[code] = number }
    return classes
  }
}
