import Glibc
import Platform

// Signals are taken by a thread, so they are held back before there is any other.
Signals.prepare()
DescriptorLimit.raise()
Allocator.keepLargeBlocks()
let termination = Termination()
do {
  try ProcessorBaseline.check()
  try Signals.onTermination { termination.signal($0) }
  try WorkerThread(named: "covey-command") {
    termination.end(Program.run(Array(CommandLine.arguments.dropFirst()), termination))
  }.detach()
} catch {
  Terminal.writeMessage("covey: \(error)\n")
  termination.end(.software)
}
exit(termination.wait().rawValue)
