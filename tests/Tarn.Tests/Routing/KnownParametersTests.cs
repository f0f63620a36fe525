using System.Text.RegularExpressions;
using Tarn.S3.Operations;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Routing;

public sealed partial class KnownParametersTests
{
    [Fact]
    public void Every_parameter_that_is_read_may_come_only_once()
    {
        string[] read =
        [
            .. Directory.EnumerateFiles(Path.Combine(RepositoryLayout.Root, "src", "Tarn.S3"), "*.cs", SearchOption.AllDirectories)
                .SelectMany(file => Read().Matches(File.ReadAllText(file)))
                .Select(match => match.Groups["name"].Value)
                .Concat(OperationTable.Rows.SelectMany(row => row.Query).Select(query => query.Split('=')[0]))
                .Distinct()

                // Those of a presigned URL are refused where the signature is read, before anything else looks at them.
                .Where(name => !name.StartsWith("X-Amz-", StringComparison.Ordinal) && name != "AWSAccessKeyId"),
        ];
        Assert.Contains("max-keys", read);
        Assert.Contains("versionId", read);
        Assert.Contains("response-expires", read);
        Assert.All(read, name => Assert.True(OperationTable.Parameters.Contains(name), name));
    }

    [GeneratedRegex("""(?:[Qq]uery(?:\[|\.Has\(|\.TryGet\()|Limit\([\w.]+, )"(?<name>[\w-]+)"|"(?<name>response-[\w-]+)\b""")]
    private static partial Regex Read();
}
