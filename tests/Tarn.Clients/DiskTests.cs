using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Programs that read a disk, with a key of that disk, and the commands that create it.</summary>
public sealed class DiskTests(ClientServers servers, DiskServers disks) : IClassFixture<DiskServers>
{
    public static TheoryData<string> Aws => [.. InstalledPrograms.All("aws")];

    public static TheoryData<string> Pythons => [.. InstalledPrograms.PythonsWithBoto3];

    [Theory]
    [MemberData(nameof(Aws))]
    public async Task Aws_lists_copies_and_synchronises_a_disk(string program)
    {
        string aws = InstalledPrograms.Need(program);
        using ClientSession session = await OpenAsync("aws");
        (string tree, string disk) = (Path.Combine(disks.Root, session.Environment["DISK"]), session.Environment["S3_BUCKET"]);
        string[] at = ["--endpoint-url", session.Endpoint.Address, "s3"];
        ProgramResult listed = await session.RunAsync(aws, [.. at, "ls", $"s3://{disk}/"]);
        Assert.Contains("PRE folder/", listed.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("small.txt", listed.StandardOutput, StringComparison.Ordinal);
        await session.RunAsync(aws, [.. at, "cp", $"s3://{disk}/folder/large.bin", "back.bin", "--no-progress"]);
        Content.AssertSame(Path.Combine(tree, "folder/large.bin"), Path.Combine(session.Home, "back.bin"));
        await session.RunAsync(aws, [.. at, "sync", $"s3://{disk}", "back", "--no-progress"]);
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(session.Home, "back")));
        Assert.Equal("", (await session.RunAsync(aws, [.. at, "sync", $"s3://{disk}", "back", "--no-progress"])).StandardOutput);
        ProgramResult refused = await session.TryRunAsync(aws, [.. at, "cp", "back.bin", $"s3://{disk}/new"]);
        Assert.Contains("MethodNotAllowed", refused.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Boto3_reads_a_disk(string python)
    {
        _ = InstalledPrograms.Need(python);
        using ClientSession session = await OpenAsync("boto3");
        string tree = Path.Combine(disks.Root, session.Environment["DISK"]);
        const string Script = """
            import os, boto3, botocore
            s3 = boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT"])
            bucket = os.environ["S3_BUCKET"]
            s3.head_bucket(Bucket=bucket)
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3}):
                for entry in page.get("Contents", []):
                    target = os.path.join("back", entry["Key"])
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    s3.download_file(bucket, entry["Key"], target)
                    assert os.path.getsize(target) == entry["Size"]
            try:
                s3.put_object(Bucket=bucket, Key="new", Body=b"x")
                raise SystemExit("a disk took an object")
            except botocore.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == "MethodNotAllowed", error
            """;
        await session.RunAsync(python, "-c", Script);
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(session.Home, "back")));
    }

    [Fact]
    public async Task Rclone_copies_a_disk_and_finds_no_difference()
    {
        string rclone = InstalledPrograms.Need("rclone");
        using ClientSession session = await OpenAsync("rclone");
        string tree = Path.Combine(disks.Root, session.Environment["DISK"]);
        session.Environment["RCLONE_CONFIG_TARN_TYPE"] = "s3";
        session.Environment["RCLONE_CONFIG_TARN_PROVIDER"] = "Other";
        session.Environment["RCLONE_CONFIG_TARN_ENV_AUTH"] = "true";
        session.Environment["RCLONE_CONFIG_TARN_ENDPOINT"] = session.Endpoint.Address;
        string at = "tarn:" + session.Environment["S3_BUCKET"];
        await session.RunAsync(rclone, "copy", at, "back");
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(session.Home, "back")));
        await session.RunAsync(rclone, "check", "--download", tree, at);
    }

    [Fact]
    public async Task S3cmd_lists_and_gets_from_a_disk()
    {
        string s3cmd = InstalledPrograms.Need("s3cmd");
        using ClientSession session = await OpenAsync("s3cmd");
        (string tree, string disk) = (Path.Combine(disks.Root, session.Environment["DISK"]), session.Environment["S3_BUCKET"]);
        string host = session.Endpoint.S3.Authority;
        string[] at = ["--no-ssl", $"--host={host}", $"--host-bucket={host}", $"--access_key={session.Endpoint.AccessKey}", $"--secret_key={session.Endpoint.SecretKey}", "--region=us-east-1"];
        Assert.Contains($"s3://{disk}/small.txt", (await session.RunAsync(s3cmd, [.. at, "ls", $"s3://{disk}/"])).StandardOutput, StringComparison.Ordinal);
        await session.RunAsync(s3cmd, [.. at, "get", $"s3://{disk}/folder/large.bin", "back.bin"]);
        Content.AssertSame(Path.Combine(tree, "folder/large.bin"), Path.Combine(session.Home, "back.bin"));
        Directory.CreateDirectory(Path.Combine(session.Home, "back"));
        await session.RunAsync(s3cmd, [.. at, "sync", $"s3://{disk}/", "back/"]);
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(session.Home, "back")));
    }

    [Fact]
    public async Task The_transfer_utility_of_the_sdk_for_net_downloads_a_disk()
    {
        using ClientSession session = await OpenAsync("net");
        (string tree, string disk) = (Path.Combine(disks.Root, session.Environment["DISK"]), session.Environment["S3_BUCKET"]);
        using var s3 = new AmazonS3Client(
            new BasicAWSCredentials(session.Endpoint.AccessKey, session.Endpoint.SecretKey),
            new AmazonS3Config { ServiceURL = session.Endpoint.Address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        using var transfer = new TransferUtility(s3);
        await transfer.DownloadAsync(Path.Combine(session.Home, "one"), disk, "folder/large.bin", TestContext.Current.CancellationToken);
        Content.AssertSame(Path.Combine(tree, "folder/large.bin"), Path.Combine(session.Home, "one"));
        await transfer.DownloadDirectoryAsync(disk, "folder", Path.Combine(session.Home, "back"), TestContext.Current.CancellationToken);
        Assert.Equal(Content.Tree(Path.Combine(tree, "folder")), Content.Tree(Path.Combine(session.Home, "back")));
        var refusal = await Assert.ThrowsAsync<AmazonS3Exception>(() => s3.PutObjectAsync(
            new PutObjectRequest { BucketName = disk, Key = "new", ContentBody = "x" }, TestContext.Current.CancellationToken));
        Assert.Equal("MethodNotAllowed", refusal.ErrorCode);
    }

    [Fact]
    public async Task The_sdk_for_javascript_downloads_a_file_of_a_disk_in_ranges()
    {
        string node = NodePackages.Need("@aws-sdk/client-s3");
        using ClientSession session = await OpenAsync("js");
        session.Environment["FILE"] = Path.Combine(disks.Root, session.Environment["DISK"], "folder/large.bin");
        await session.RunAsync(node, ClientSession.Script("js", "disk_ranges.mjs"));
    }

    [Fact]
    public async Task The_commands_make_show_share_and_delete()
    {
        using ClientSession session = await OpenAsync("cli");
        string name = session.Environment["DISK"];
        JsonElement shown = await disks.TarnAsync("disk", "show", name);
        Assert.Equal((name, Path.Combine(disks.Root, name)), (shown.GetProperty("name").GetString(), shown.GetProperty("mounts")[0].GetProperty("path").GetString()));
        Assert.Contains(name, (await disks.TarnAsync("disk", "list")).EnumerateArray().Select(disk => disk.GetProperty("name").GetString()));
        JsonElement user = Assert.Single((await disks.TarnAsync("disk", "user", "list", name)).EnumerateArray().ToArray());
        Assert.Equal((session.Endpoint.AccessKey, "tests"), (user.GetProperty("accessKeyId").GetString(), user.GetProperty("nickname").GetString()));
        Assert.Equal("192.0.2.0/24", (await disks.TarnAsync("disk", "allow", name, "--allow-ip", "192.0.2.0/24")).GetProperty("allowedIps")[0].GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await session.Raw.GetAsync(session.Environment["S3_BUCKET"], "small.txt")).Status);
        await disks.TarnAsync("disk", "allow", name);
        Assert.Equal(HttpStatusCode.OK, (await session.Raw.GetAsync(session.Environment["S3_BUCKET"], "small.txt")).Status);

        using var http = new HttpClient();
        JsonElement link = await disks.TarnAsync("disk", "share", "create", name, "small.txt", "--expires", "1h");
        Assert.Equal(3600, link.GetProperty("expiresIn").GetInt32());
        var url = new Uri(link.GetProperty("url").GetString()!);
        Assert.Equal(100, (await http.GetByteArrayAsync(url, TestContext.Current.CancellationToken)).Length);
        await disks.Server.StopAsync();
        await disks.Server.RestartAsync();
        Assert.Equal(100, (await http.GetByteArrayAsync(url, TestContext.Current.CancellationToken)).Length);
        JsonElement listed = Assert.Single((await disks.TarnAsync("disk", "share", "list", name)).EnumerateArray().ToArray());
        await disks.TarnAsync("disk", "share", "revoke", listed.GetProperty("id").GetString()!);
        using HttpResponseMessage gone = await http.GetAsync(url, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Contains("info: Tarn.Audit", disks.Server.Output, StringComparison.Ordinal);

        await disks.TarnAsync("disk", "user", "remove", name, session.Endpoint.AccessKey);
        Assert.Equal("InvalidAccessKeyId", (await session.Raw.GetAsync(session.Environment["S3_BUCKET"], "small.txt")).ErrorCode);
        await disks.TarnAsync("disk", "delete", name);
        Assert.True(Directory.Exists(Path.Combine(disks.Root, name)));
        ProgramResult refused = await disks.RunAsync("disk", "show", name);
        Assert.Equal((1, $"tarn: there is no disk '{name}'\n"), (refused.ExitCode, refused.StandardError));
    }

    /// <summary>A session with the key of a new disk that shows a tree of files; <c>DISK</c> is its name, and that of the directory.</summary>
    private async Task<ClientSession> OpenAsync(string name)
    {
        string disk = $"{name}-{Guid.NewGuid():N}";
        Content.WriteTree(Path.Combine(disks.Root, disk));
        (TarnEndpoint endpoint, string bucket) = await disks.AttachAsync(disk);
        ClientSession session = ClientSession.At(servers, endpoint, disk);
        session.Environment["S3_BUCKET"] = bucket;
        session.Environment["DISK"] = disk;
        return session;
    }
}
