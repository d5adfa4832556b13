import Bytes
package import Cluster
import Generator
import Intake
import PQL
import Platform
import Runtime
import Segmentation
import Wire

/// How an error that reached the top is told, and with which status the process ends.
package struct FailureReport: Equatable, Sendable {
  package var status: ExitStatus
  package var lines: [String]

  package init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure:
      status = failure.status
      lines = ["covey: \(failure.message)"] + failure.details
      if let next = failure.next { lines.append("next: \(next)") }
    case let error as ClusterError:
      status = FailureReport.status(error.code)
      lines = ["covey: \(error.message)"]
      if let next = error.next { lines.append("next: \(next)") }
    default:
      status = FailureReport.status(error)
      lines = ["covey: \(error)"]
      if case IntakeError.noKeyColumn = error { lines.append("next: \(ImportRun.keyAdvice)") }
    }
  }

  private static func status(_ error: any Error) -> ExitStatus {
    switch error {
    case is UsageError: .usage
    case is LanguageError, is JSONError, is EvaluationError, is PQLJSONError, is DefinitionError,
      is ProgramError:
      .data
    case let error as ClientError: status(error)
    case let error as RuntimeError: status(error)
    case let error as ImportError: status(error)
    case let error as GeneratorError: status(error)
    case let error as DiskError: status(error)
    case is KeyFileError: .configuration
    case let error as PlatformError: status(error)
    case let error as IntakeError: status(error)
    case is StreamError: .inputOutput
    default: .software
    }
  }

  private static func status(_ error: DiskError) -> ExitStatus {
    switch error.kind {
    case .absent, .folder: .noInput
    case .damaged: .data
    case .notPermitted: .notPermitted
    case .full, .other: .inputOutput
    }
  }

  private static func status(_ error: PlatformError) -> ExitStatus {
    switch error {
    case .cannotListen, .cannotResolve: .unavailable
    case .cannotMakePipe, .cannotStartThread, .cannotStartProcess: .tryAgain
    case .cannotReadKeyFile, .keyFileIsOpenToOthers, .keyFileHasAnotherOwner, .cannotWriteKeyFile,
      .cpuTooOld:
      .configuration
    case .directoryInUse: .tryAgain
    case .cannotLockDirectory: .inputOutput
    }
  }

  private static func status(_ error: IntakeError) -> ExitStatus {
    switch error {
    case .disk(let error): status(error)
    case .noMatch: .noInput
    case .noFiles, .namedTwice, .unknownFormat, .unknownFormatName, .badSeparator, .badPath,
      .unknownType,
      .badTypeList, .conflictingTypes:
      .usage
    case .badSchemaFile, .badHeader, .noKeyColumn, .tooManyFields: .data
    case .changed: .tryAgain
    }
  }

  private static func status(_ error: ClientError) -> ExitStatus {
    switch error {
    case .unreachable, .notUnderstood: .unavailable
    case .notPermitted: .notPermitted
    case .connectionLost, .timedOut: .tryAgain
    case .requestTooLong: .data
    case .unexpectedReply: .software
    }
  }

  private static func status(_ error: RuntimeError) -> ExitStatus {
    switch error {
    case .badKeyFile, .needsClusterSecret, .wrongRole, .needsKeyFile, .badIdentityFile,
      .dataOfAnotherCluster, .badWorkspace, .noWorkspace:
      .configuration
    case .catalogueDamaged: .data
    case .catalogueFailed, .storeFailed: .inputOutput
    case .noExecutable: .software
    case .childKeepsFailing: .unavailable
    case .clusterNotReady: .tryAgain
    }
  }

  private static func status(_ error: ImportError) -> ExitStatus {
    switch error {
    case .tooManyRejects: .data
    case .gaveUp: .tryAgain
    }
  }

  private static func status(_ error: GeneratorError) -> ExitStatus {
    switch error {
    case .outOfRange, .folderInUse: .usage
    case .disk(let error): status(error)
    }
  }

  package static func status(_ code: ClusterError.Code) -> ExitStatus {
    switch code {
    case .noSuchSet, .noSuchSegment, .noSuchJob, .noSuchProfile, .noSuchAudience, .noSuchInstance,
      .noSuchModel, .notScored:
      .noInput
    case .exists, .circle, .badDefinition, .importConflict, .limit, .badInstance, .notTrainable,
      .otherFields:
      .data
    case .noWorkers, .noCopy: .unavailable
    case .importInterrupted, .busy, .changed: .tryAgain
    case .notPermitted: .notPermitted
    case .failed: .software
    }
  }
}
