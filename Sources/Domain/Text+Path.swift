package import Bytes

extension Text {
  /// The way to a field as it is written: `a.b`, or `` `a.b`.c `` where a name has a dot in it.
  package init(path names: [Text]) {
    let written = names.map { name in
      name.utf8.contains(UInt8(ascii: ".")) ? "`\(name)`" : name.string
    }
    self.init(written.joined(separator: "."))
  }
}
