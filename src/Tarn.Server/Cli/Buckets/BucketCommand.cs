using System.CommandLine;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket</c>.</summary>
internal static class BucketCommand
{
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "bucket",
        "Buckets: what they hold, and their settings as files.",
        BucketListCommand.Create(cli),
        BucketShowCommand.Create(cli),
        BucketSamplesCommand.Create(cli),
        BucketExportCommand.Create(cli),
        BucketApplyCommand.Create(cli),
        BucketRecountCommand.Create(cli, time));
}
