using System.Net;
using System.Xml.Linq;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Runs deploy/moving/copy-bucket.mjs from servers that list versions, encode keys and have settings in ways that Tarn does not.</summary>
public sealed class MovingOrderTests(ClientServers servers)
{
    /// <summary>The pages of a list, <c>|</c> between them, an entry as <c>V key id second</c>, with <c>*</c> if it is the latest; and what the copy has, newest first.</summary>
    public static TheoryData<string, string> Lists => new()
    {
        // As AWS and Tarn list: the entries of a key as they came to be, whatever their times.
        { "M a 2 5*,V a 1 5,M b 2 5*,V b 1 5", "a M,a 1,b M,b 1" },

        // The versions of a page, then its markers.
        { "V a 1 1,M a 2 2*", "a M,a 1" },
        { "V a 3 3*,V a 1 1,V b 1 1*,M a 2 2", "a 3,a M,a 1,b 1" },
        { "V a 3 3*,V a 1 1,M a 2 1", "" },
        { "V a 2 5*,M a 1 5", "a 2,a M" },
        { "M a 2 2,V a 3 3*,V a 1 1", "a 3,a M,a 1" },

        // Over the end of a page.
        { "V a 3 3*|V a 1 1,V b 1 1,M a 2 2,M b 2 2*", "a 3,a M,a 1,b M,b 1" },
        { "V a 1 1,V b 3 3*|V b 1 1,M b 2 2,M a 2 2*", "" },

        // What no order explains.
        { "V a 1 1*,V a 2 2*", "" },
        { "V a 1 1,V a 2 2*", "" },
        { "V a 2 1,V a 1 3,M a 3 4*", "" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Each_key_gets_its_history_in_order_or_nothing_is_written(string list, string expected)
    {
        using ClientSession session = await ClientSession.OpenAsync(servers, "order");
        await using var old = new ListingServer([.. list.Split('|').Select(page => page.Split(',').Select(Read).ToArray())]);
        ProgramResult copied = await CopyAsync(session, old);
        if (expected.Length == 0)
        {
            Assert.NotEqual(0, copied.ExitCode);
            Assert.Matches("Error: [ab]: (in which order|the newest version|listed again)", copied.StandardError);
            Assert.Equal(HttpStatusCode.NotFound, (await session.Raw.SendAsync(HttpMethod.Head, session.Bucket)).Status);
            return;
        }

        Assert.True(copied.ExitCode == 0, copied.StandardError);
        Assert.Equal(expected.Split(','), await HistoryAsync(session));
    }

    [Theory]
    [InlineData(true, "a%2Bb+c%25", "a+b c%")]
    [InlineData(false, "a%2Bb+c%25", "a%2Bb+c%25")]
    public async Task Keys_are_decoded_only_if_the_answer_says_that_they_are_encoded(bool isEncoded, string listed, string key)
    {
        using ClientSession session = await ClientSession.OpenAsync(servers, "encoded");
        await using var old = new ListingServer([[new("Version", listed, "1", 1, IsLatest: true)]], isEncoded);
        ProgramResult copied = await CopyAsync(session, old);
        Assert.True(copied.ExitCode == 0, copied.StandardError);
        Assert.Equal("1", (await session.Raw.GetAsync(session.Bucket, key)).Expect().Text);
    }

    [Fact]
    public async Task Each_setting_is_tried_and_each_that_is_refused_is_named()
    {
        using ClientSession session = await ClientSession.OpenAsync(servers, "settings");
        var settings = new Dictionary<string, string>
        {
            ["cors"] = "<CORSConfiguration><CORSRule><AllowedMethod>BREW</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
            ["tagging"] = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
            ["policy"] = "{}",
        };
        await using var old = new ListingServer([[new("Version", "a", "1", 1, IsLatest: true)]], settings: settings);
        foreach (string[] option in (string[][])[[], ["--settings-only"]])
        {
            ProgramResult copied = await CopyAsync(session, old, option);
            Assert.Equal(1, copied.ExitCode);
            Assert.Equal(["CORS", "policy"], copied.StandardError.Split('\n').Where(line => line.Contains(" not copied: ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
            Assert.Contains("<Key>a</Key>", (await session.Raw.SendAsync(HttpMethod.Get, session.Bucket, query: Query("tagging"))).Expect().Text, StringComparison.Ordinal);
            Assert.Equal(["a 1"], await HistoryAsync(session));
            await session.Raw.SendAsync(HttpMethod.Delete, session.Bucket, query: Query("tagging"));
        }
    }

    private static ListedVersion Read(string entry)
    {
        string[] words = entry.TrimEnd('*').Split(' ');
        return new(words[0] == "V" ? "Version" : "DeleteMarker", words[1], words[2], int.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture), entry.EndsWith('*'));
    }

    private static async Task<ProgramResult> CopyAsync(ClientSession session, ListingServer old, params string[] options)
    {
        _ = NodePackages.Need("@aws-sdk/client-s3");
        string modules = Path.Combine(session.Home, "node_modules");
        if (!Path.Exists(modules))
        {
            Directory.CreateSymbolicLink(modules, ClientSession.Script("js", "node_modules"));
            File.Copy(Path.Combine(RepositoryLayout.Root, "deploy", "moving", "copy-bucket.mjs"), Path.Combine(session.Home, "copy-bucket.mjs"));
        }

        (session.Environment["OLD_ENDPOINT"], session.Environment["OLD_ACCESS_KEY"], session.Environment["OLD_SECRET_KEY"]) = (old.Address, "old", "old-secret");
        (session.Environment["NEW_ENDPOINT"], session.Environment["NEW_ACCESS_KEY"], session.Environment["NEW_SECRET_KEY"]) =
            (session.Endpoint.Address, session.Endpoint.AccessKey, session.Endpoint.SecretKey);
        return await session.TryRunAsync(InstalledPrograms.Need("node"), ["copy-bucket.mjs", .. options, session.Bucket]);
    }

    private static Dictionary<string, string> Query(string name) => new() { [name] = "" };

    /// <summary>The bucket's versions and delete markers as listed: the key, and <c>M</c> or the content.</summary>
    private static async Task<string[]> HistoryAsync(ClientSession session)
    {
        string list = (await session.Raw.SendAsync(HttpMethod.Get, session.Bucket, query: Query("versions"))).Expect().Text;
        var history = new List<string>();
        foreach (XElement entry in XDocument.Parse(list).Root!.Elements().Where(entry => entry.Name.LocalName is "Version" or "DeleteMarker"))
        {
            string Of(string name) => entry.Elements().Single(one => one.Name.LocalName == name).Value;
            string content = entry.Name.LocalName == "DeleteMarker"
                ? "M"
                : (await session.Raw.SendAsync(HttpMethod.Get, session.Bucket, Of("Key"), query: new Dictionary<string, string> { ["versionId"] = Of("VersionId") })).Expect().Text;
            history.Add($"{Of("Key")} {content}");
        }

        return [.. history];
    }
}
