using System.Net;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.S3.Operations.Service;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Buckets;

/// <summary>What clients get whose bucket has a row that does not decode.</summary>
public sealed class DamagedBucketTests
{
    private static readonly string[] All = ["bucket-1", "bucket-2", "bucket-3", "bucket-4", "bucket-5"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bucket-1", 10)]
    [InlineData("bucket-1", 2)]
    [InlineData("bucket-2", 2)]
    [InlineData("bucket-3", 2)]
    [InlineData("bucket-4", 2)]
    [InlineData("bucket-5", 2)]
    public async Task All_others_are_listed_and_the_log_has_the_damage(string broken, int limit)
    {
        using var log = new KeptLog(typeof(ListBuckets).FullName!);
        await using InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup { Options = InProcessServer.Options with { LogLevel = LogLevel.Information }, More = builder => builder.Logging.AddProvider(log) }, Token);
        using var s3 = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        foreach (string bucket in All)
        {
            await s3.CreateBucketAsync(bucket);
        }

        await server.Get<IKeyValueStore>().CommitAsync(new KeyValueBatch().Put(Tables.BucketKey(broken), [255]), Token);
        List<string> names = [];
        string? token = "";
        while (token is not null)
        {
            Dictionary<string, string> query = new() { ["max-buckets"] = $"{limit}" };
            if (token.Length > 0)
            {
                query["continuation-token"] = token;
            }

            XElement page = (await s3.SendAsync(HttpMethod.Get, null, query: query)).Expect().Xml;
            names.AddRange(page.Descendants().Where(static element => element.Name.LocalName == "Name").Select(static element => element.Value));
            token = page.Elements().SingleOrDefault(static element => element.Name.LocalName == "ContinuationToken")?.Value;
        }

        Assert.Equal(All.Where(name => name != broken), names);
        Assert.StartsWith($"ListBuckets left out {broken}, whose row is damaged; request ", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InternalServerError, (await s3.SendAsync(HttpMethod.Get, broken)).Status);
    }
}
