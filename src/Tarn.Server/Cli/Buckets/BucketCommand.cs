using System.CommandLine;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket</c>.</summary>
internal static class BucketCommand
{
    public static Command Create(ControlCli cli) => cli.Group("bucket", "Buckets and what they hold.", BucketListCommand.Create(cli), BucketShowCommand.Create(cli), BucketSamplesCommand.Create(cli), BucketRecountCommand.Create(cli));
}
