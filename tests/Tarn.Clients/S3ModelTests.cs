using Tarn.Clients.Harness;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>The S3 model that the operations are compared with is that of the installed AWS SDK for JavaScript.</summary>
public sealed class S3ModelTests(ClientServers servers)
{
    [Fact]
    public async Task The_table_is_what_the_installed_package_says()
    {
        string node = NodePackages.Need("@aws-sdk/client-s3");
        using var session = await ClientSession.OpenAsync(servers, "model");
        ProgramResult printed = await session.RunAsync(node, ClientSession.Script("js", "model.mjs"));
        string[] table = await File.ReadAllLinesAsync(
            Path.Combine(RepositoryLayout.Root, "tests/Tarn.Tests/Golden/s3-model.tsv"), TestContext.Current.CancellationToken);
        Assert.Equal(printed.Lines, table);
    }
}
