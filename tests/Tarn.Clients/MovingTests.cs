using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Runs the steps of docs/operations/moving.md and of a page for each server that it is for, with another Tarn server in that one's place.</summary>
public sealed class MovingTests(ClientServers servers)
{
    private const string Policy =
        """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::documents/public/*"}]}""";

    private const string Rules =
        "<LifecycleConfiguration><Rule><ID>old</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>";

    private const string OddKey = "a b+c%25&é😀<>\"'/x";

    /// <summary>Each page, and the access keys that it brings, with their secrets: one user's, who may then read.</summary>
    public static TheoryData<string, string> Pages => new()
    {
        { "from-minio.md", "alice-of-old:alice-secret-of-old alice-program:alice-program-secret" },
        { "from-garage.md", "GK31c2f218a2e44f485b94239e:7d37d093435a41f2aab8f13c19ba067d9776c90215f56614adad6ece597dbb34" },
        { "from-seaweedfs.md", "some_access_key1:some_secret_key1 some_access_key2:some_secret_key2" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_steps_of_a_page_move_keys_data_versions_settings_and_policies(string page, string keys)
    {
        InstalledPrograms.Need("rclone");
        _ = NodePackages.Need("@aws-sdk/client-s3");
        await using TarnServer old = await TarnServer.StartAsync(new TarnServerOptions { AccessKey = "old-root-key", SecretKey = "old/root+secret" });
        await using TarnServer target = await TarnServer.StartAsync();
        using ClientSession session = ClientSession.At(servers, target.Endpoint, "moving");
        using var source = new RawS3Client(old.Endpoint);
        string tree = Path.Combine(session.Home, "tree");
        Content.WriteTree(tree);
        await FillAsync(source, tree);

        Prepare(session);
        await session.RunAsync("/bin/chmod", "+x", Path.Combine(session.Home, "bin", "tarn"));
        await session.RunAsync("/bin/bash", "-euo", "pipefail", "-c", Replaced(ScriptOf(page), session, old));

        using var owner = new RawS3Client(target.Endpoint with { AccessKey = old.Endpoint.AccessKey, SecretKey = old.Endpoint.SecretKey });
        foreach ((string name, string hash) in Content.Tree(tree))
        {
            string file = Path.Combine(session.Home, "back");
            await File.WriteAllBytesAsync(file, (await owner.GetAsync("pictures", name)).Expect().Body);
            Assert.Equal(hash, Content.HashOf(file));
        }

        await AssertDocumentsAsync(source, owner);
        foreach (string[] key in keys.Split(' ').Select(key => key.Split(':')))
        {
            using var user = new RawS3Client(target.Endpoint with { AccessKey = key[0], SecretKey = key[1] });
            (await user.GetAsync("pictures", "small.txt")).Expect();
            Assert.Equal(HttpStatusCode.Forbidden, (await user.PutAsync("pictures", "small.txt", default)).Status);
        }
    }

    [Fact]
    public void Every_page_says_what_was_not_run() =>
        Assert.All(Pages.Select(row => row.Data.Item1), page =>
        {
            string text = PageBlock.TextOf(page);
            Assert.Contains("**Not run by our tests:**", text, StringComparison.Ordinal);
            Assert.All(PageBlock.Read(text), block => Assert.True(block.Runs));
        });

    /// <summary>The blocks of both pages as one program: the preparation, the page's own, the rest.</summary>
    private static string ScriptOf(string page)
    {
        IReadOnlyList<PageBlock> common = PageBlock.Read(PageBlock.TextOf("moving.md"));
        return string.Concat(
            ((PageBlock[])[.. common.Where(block => block.Section == "Before"), .. PageBlock.Read(PageBlock.TextOf(page)), .. common.Where(block => block.Section != "Before")])
                .Select(block => block.Text));
    }

    private static string Replaced(string script, ClientSession session, TarnServer old) => script
        .Replace("https://old.example.com", old.Endpoint.Address, StringComparison.Ordinal)
        .Replace("https://s3.example.com", session.Endpoint.Address, StringComparison.Ordinal)
        .Replace("OLDKEYEXAMPLE", old.Endpoint.AccessKey, StringComparison.Ordinal)
        .Replace("OLDSECRETEXAMPLE", old.Endpoint.SecretKey, StringComparison.Ordinal)
        .Replace("npm install ", "true ", StringComparison.Ordinal);

    private static void Prepare(ClientSession session)
    {
        string bin = Path.Combine(session.Home, "bin");
        session.Write("bin/tarn", Encoding.UTF8.GetBytes($"#!/bin/sh\nexec dotnet '{RepositoryLayout.ServerAssembly}' \"$@\"\n"));
        File.Copy(Path.Combine(RepositoryLayout.Root, "deploy", "moving", "copy-bucket.mjs"), Path.Combine(session.Home, "copy-bucket.mjs"));
        Directory.CreateSymbolicLink(Path.Combine(session.Home, "node_modules"), ClientSession.Script("js", "node_modules"));
        session.Environment["PATH"] = $"{bin}:/usr/bin:/bin:{Environment.GetEnvironmentVariable("PATH")}";
        session.Environment["RCLONE_CONFIG"] = Path.Combine(session.Home, "rclone.conf");
        session.Environment["TARN_ENDPOINT"] = session.Endpoint.Control!.GetLeftPart(UriPartial.Authority);
        session.Environment["TARN_ROOT_ACCESS_KEY"] = session.Endpoint.AccessKey;
        session.Environment["TARN_ROOT_SECRET_KEY"] = session.Endpoint.SecretKey;
    }

    private static async Task FillAsync(RawS3Client source, string tree)
    {
        await source.CreateBucketAsync("pictures");
        foreach (string name in Content.Tree(tree).Keys)
        {
            (await source.PutAsync("pictures", name, await File.ReadAllBytesAsync(Path.Combine(tree, name)))).Expect();
        }

        await source.CreateBucketAsync("documents");
        (await source.PutAsync("documents", "public/first", "before versioning"u8.ToArray())).Expect();
        await SetAsync("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        for (int version = 0; version < 3; version++)
        {
            var headers = new Dictionary<string, string> { ["cache-control"] = "max-age=5", ["x-amz-meta-version"] = $"{version}", ["x-amz-tagging"] = "a=b%2Bc%20d" };
            (await source.SendAsync(HttpMethod.Put, "documents", "public/first", body: new[] { (byte)version }, headers: headers)).Expect();
            (await source.PutAsync("documents", OddKey, Content.Of(version * 1000, version))).Expect();
            if (version == 1)
            {
                (await source.SendAsync(HttpMethod.Delete, "documents", OddKey)).Expect();
            }
        }

        (await source.PutAsync("documents", "removed", "x"u8.ToArray())).Expect();
        (await source.SendAsync(HttpMethod.Delete, "documents", "removed")).Expect();
        await SetAsync("policy", Policy);
        await SetAsync("lifecycle", Rules);

        async Task SetAsync(string setting, string document)
        {
            byte[] body = Encoding.UTF8.GetBytes(document);
            var headers = new Dictionary<string, string> { ["x-amz-checksum-sha256"] = Convert.ToBase64String(SHA256.HashData(body)) };
            (await source.SendAsync(HttpMethod.Put, "documents", query: Query(setting), headers: headers, body: body)).Expect();
        }
    }

    private static async Task AssertDocumentsAsync(RawS3Client source, RawS3Client target)
    {
        Assert.Equal(await HistoryAsync(source), await HistoryAsync(target));
        RawS3Response first = (await target.GetAsync("documents", "public/first")).Expect();
        Assert.Equal(("max-age=5", "2", "1"), (first.Header("cache-control"), first.Header("x-amz-meta-version"), first.Header("x-amz-tagging-count")));
        foreach (string setting in (string[])["versioning", "policy", "lifecycle"])
        {
            Assert.Equal(
                (await source.SendAsync(HttpMethod.Get, "documents", query: Query(setting))).Expect().Text, (await target.SendAsync(HttpMethod.Get, "documents", query: Query(setting))).Expect().Text);
        }
    }

    private static Dictionary<string, string> Query(string name) => new() { [name] = "" };

    /// <summary>The versions and delete markers of the bucket as its list has them, without what a copy cannot keep.</summary>
    private static async Task<string[]> HistoryAsync(RawS3Client client)
    {
        string list = (await client.SendAsync(HttpMethod.Get, "documents", query: Query("versions"))).Expect().Text;
        return [.. System.Xml.Linq.XDocument.Parse(list).Root!.Elements()
            .Where(entry => entry.Name.LocalName is "Version" or "DeleteMarker")
            .Select(entry => string.Join(' ', [entry.Name.LocalName, .. ((string[])["Key", "IsLatest", "ETag", "Size"]).Select(name => entry.Elements().FirstOrDefault(one => one.Name.LocalName == name)?.Value)]))];
    }
}
