import Bytes
package import Platform

/// Makes customers and their events as if by a shop, the same bytes for the same options.
///
/// Rows go straight to the files: memory does not grow with their number. Events come month by
/// month of one fixed year, within a month customer by customer.
package enum Generator {
  /// The end of the year of the events: the instant to evaluate their segments as of.
  package static let asOf = "2026-01-01T00:00:00Z"

  /// Parts of the year that events are written by.
  private static let sliceCount = 12
  /// Rows between two reports of progress.
  private static let progressRowCount = 1 << 14

  /// Writes the files, the manifest last.
  ///
  /// - Parameters:
  ///   - options: what to generate; its folder must be empty or absent.
  ///   - disk: where the folder is.
  ///   - progress: called now and then; what it throws ends the run.
  /// - Returns: what was written.
  /// - Throws: a `GeneratorError`, or what `progress` throws; nothing is left in the folder then.
  package static func run(
    _ options: GeneratorOptions,
    disk: any Disk = LinuxDisk(),
    progress: (GeneratorProgress) throws -> Void = { _ in }
  ) throws -> GeneratedFiles {
    try options.validate()
    guard try prepare(options.directory, disk) else {
      throw GeneratorError.folderInUse(path: options.directory)
    }
    do {
      return try write(options, disk, progress)
    } catch {
      let left = (try? disk.list(options.directory)) ?? []
      for name in left { try? disk.remove(options.directory + "/" + name) }
      if let error = error as? DiskError { throw GeneratorError.disk(error) }
      throw error
    }
  }

  /// Makes the folder; answers whether it is empty.
  private static func prepare(_ path: String, _ disk: any Disk) throws(GeneratorError) -> Bool {
    do throws(DiskError) {
      guard try disk.list(path).isEmpty else { return false }
      try disk.createDirectory(path)
      return true
    } catch {
      throw .disk(error)
    }
  }

  private static func write(
    _ options: GeneratorOptions,
    _ disk: any Disk,
    _ progress: (GeneratorProgress) throws -> Void
  ) throws -> GeneratedFiles {
    let words = Words()
    let population = Population(
      seed: options.seed,
      profileCount: options.profileCount,
      eventCount: options.eventCount
    )
    var report = GeneratorProgress(
      rowCount: 0,
      rowCountTotal: options.profileCount + options.eventCount,
      byteCount: 0
    )
    let profiles = try writeProfiles(options, disk, population, words) { rows in
      report.rowCount = rows.rowsWritten
      report.byteCount = rows.byteCount
      try progress(report)
    }
    let profileByteCount = profiles.reduce(0) { $0 + $1.byteCount }
    let events = try writeEvents(options, disk, population, words) { rows in
      report.rowCount = options.profileCount + rows.rowsWritten
      report.byteCount = profileByteCount + rows.byteCount
      try progress(report)
    }
    let segments = try writeSegments(options, disk)
    let mix = try writeMix(options, disk, population, words)
    let files = GeneratedFiles(
      profiles: profiles,
      events: events,
      segments: segments,
      mix: mix,
      manifestPath: options.directory + "/manifest.json"
    )
    try disk.replace(files.manifestPath, with: Manifest.text(of: files, options))
    report.rowCount = report.rowCountTotal
    report.byteCount = files.byteCount
    try progress(report)
    return files
  }

  private static func writeProfiles(
    _ options: GeneratorOptions,
    _ disk: any Disk,
    _ population: Population,
    _ words: Words,
    _ progress: (RowFiles) throws -> Void
  ) throws -> [GeneratedFile] {
    let writer = ProfileRows(words: words)
    var rows = try RowFiles(
      disk: disk,
      options: options,
      name: "profiles",
      header: ProfileRows.csvHeader,
      rowCount: options.profileCount
    )
    do {
      for member in population.members {
        let customer = Customer(member, words)
        switch options.format {
        case .jsonLines: try rows.write { writer.appendJSON(customer, to: &$0) }
        case .csv: try rows.write { writer.appendCSV(customer, to: &$0) }
        }
        if rows.rowsWritten % progressRowCount == 0 { try progress(rows) }
      }
      return try rows.finish()
    } catch {
      rows.abandon()
      throw error
    }
  }

  private static func writeEvents(
    _ options: GeneratorOptions,
    _ disk: any Disk,
    _ population: Population,
    _ words: Words,
    _ progress: (RowFiles) throws -> Void
  ) throws -> [GeneratedFile] {
    let assortment = Assortment()
    let writer = EventRows(words: words, assortment: assortment)
    var rows = try RowFiles(
      disk: disk,
      options: options,
      name: "events",
      header: EventRows.csvHeader,
      rowCount: options.eventCount
    )
    do {
      var event = Event()
      for slice in 0..<sliceCount {
        let from = boundary(slice)
        let to = boundary(slice + 1)
        for member in population.members where member.createdAt < to {
          for session in Session.Sessions(member) where session.startedAt >= from {
            // Sessions come in the order of time, so the rest is of later slices too.
            guard session.startedAt < to else { break }
            try event.play(session, of: member, words, assortment) { event in
              switch options.format {
              case .jsonLines: try rows.write { writer.appendJSON(event, to: &$0) }
              case .csv: try rows.write { writer.appendCSV(event, to: &$0) }
              }
              if rows.rowsWritten % progressRowCount == 0 { try progress(rows) }
            }
          }
        }
      }
      return try rows.finish()
    } catch {
      rows.abandon()
      throw error
    }
  }

  /// Where a slice of the year begins.
  private static func boundary(_ slice: Int) -> Int {
    let year = Population.yearEnd - Population.yearStart
    return Population.yearStart + year * slice / sliceCount
  }

  private static func writeSegments(
    _ options: GeneratorOptions,
    _ disk: any Disk
  ) throws(DiskError) -> GeneratedFile {
    let definitions = SampleSegments.definitions(for: options.format)
    return try write(
      SampleSegments.text(of: definitions),
      rowCount: definitions.count,
      to: options.directory + "/segments.json",
      disk
    )
  }

  /// Writes the definitions of the mix and their description.
  private static func writeMix(
    _ options: GeneratorOptions,
    _ disk: any Disk,
    _ population: Population,
    _ words: Words
  ) throws(DiskError) -> [GeneratedFile] {
    guard options.definitionCount > 0 else { return [] }
    let mix = DefinitionMix(
      count: options.definitionCount,
      seed: options.seed,
      MixSample(population, words, Assortment())
    )
    let definitions = mix.rules.map { id, rule in
      SampleSegments.Definition(
        id: id.string,
        name: "\(rule.kind) \(id)",
        description: "One of a mix of \(options.definitionCount) for measurements.",
        expression: rule.query(for: options.format)
      )
    }
    let files = [
      ("mix.json", SampleSegments.text(of: definitions)), ("mix-rules.json", mix.description),
    ]
    return try files.map { name, text throws(DiskError) in
      try write(text, rowCount: mix.rules.count, to: options.directory + "/" + name, disk)
    }
  }

  private static func write(
    _ text: [UInt8],
    rowCount: Int,
    to path: String,
    _ disk: any Disk
  ) throws(DiskError) -> GeneratedFile {
    try disk.replace(path, with: text)
    return GeneratedFile(
      path: path,
      rowCount: rowCount,
      byteCount: text.count,
      digest: SHA256.hash(text)
    )
  }
}
