import Platform
package import Segmentation

/// The time zones this machine knows.
package enum SystemZones {
  private static let directory = "/usr/share/zoneinfo/"
  /// More than any zone's file has.
  private static let byteCountMax = 1 << 20

  package static let source = ZoneSource { name in
    try? SystemFile.read(directory + name, byteCountMax: byteCountMax)
  }
}
