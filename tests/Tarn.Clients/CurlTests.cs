using System.Text;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>curl and its own signer: what a shell script does.</summary>
public sealed class CurlTests(ClientServers servers)
{
    [Fact]
    public async Task Put_get_head_delete()
    {
        using var curl = await OpenAsync();
        var file = curl.Write("file", Content.Of(3 * Content.MiB, 5));
        Assert.Equal("200", await StatusAsync(curl, "/dir/file", "-T", file));
        Assert.Equal("200", await StatusAsync(curl, "/dir/file", "-o", "back"));
        Content.AssertSame(file, Path.Combine(curl.Home, "back"));
        var head = await RunAsync(curl, "/dir/file", "--head");
        Assert.Contains("Content-Length: 3145728", head.StandardOutput, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("204", await StatusAsync(curl, "/dir/file", "-X", "DELETE"));
        Assert.Equal("404", await StatusAsync(curl, "/dir/file"));
    }

    [Fact]
    public async Task Ranges_and_conditions()
    {
        using var curl = await OpenAsync();
        var content = Content.Of(1000, 6);
        var etag = (await curl.Raw.PutAsync(curl.Bucket, "r", content)).Expect().Header("ETag")!;
        Assert.Equal("206", await StatusAsync(curl, "/r", "-H", "Range: bytes=100-199", "-o", "part"));
        Assert.Equal(content[100..200], await File.ReadAllBytesAsync(Path.Combine(curl.Home, "part")));
        Assert.Equal("304", await StatusAsync(curl, "/r", "-H", $"If-None-Match: {etag}"));
        Assert.Equal("412", await StatusAsync(curl, "/r", "-H", "If-Match: \"0123\""));
        Assert.Equal("416", await StatusAsync(curl, "/r", "-H", "Range: bytes=1000-"));
    }

    [Fact]
    public async Task Escaped_path_is_taken_as_it_is_sent()
    {
        using var curl = await OpenAsync();
        const string Key = "a b+c%25&é😀/..//x";
        await curl.Raw.PutAsync(curl.Bucket, Key, "odd"u8.ToArray());
        var path = "/" + string.Join('/', Key.Split('/').Select(Uri.EscapeDataString));
        var answer = await RunAsync(curl, path, "--path-as-is");
        Assert.Equal("odd", answer.StandardOutput);
    }

    [Fact]
    public async Task Upload_with_wrong_credentials_is_refused_before_the_body()
    {
        using var curl = await OpenAsync();
        var file = curl.Write("file", Content.Of(20 * Content.MiB, 7));
        var answer = await curl.RunAsync(
            Curl,
            "--silent",
            "--show-error",
            "--aws-sigv4",
            $"aws:amz:{curl.Endpoint.Region}:s3",
            "--user",
            $"{curl.Endpoint.AccessKey}:wrong",
            "-H",
            "x-amz-content-sha256: UNSIGNED-PAYLOAD",
            "-H",
            "Expect: 100-continue",
            "--expect100-timeout",
            "60",
            "-o",
            "refusal",
            "-w",
            "%{http_code} %{size_upload}",
            "-T",
            file,
            $"{curl.Endpoint.Address}/{curl.Bucket}/refused"
        );
        Assert.Equal("403 0", answer.StandardOutput);
        var refusal = await File.ReadAllTextAsync(Path.Combine(curl.Home, "refusal"), Encoding.UTF8);
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", refusal, StringComparison.Ordinal);
        Assert.Empty(await curl.Raw.ListAsync(curl.Bucket));
    }

    [Fact]
    public async Task Upload_waits_for_100_continue()
    {
        using var curl = await OpenAsync();
        var file = curl.Write("file", Content.Of(2 * Content.MiB, 8));
        var status = await StatusAsync(curl, "/big", "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-T", file);
        Assert.Equal("200", status);
        Assert.Equal(await File.ReadAllBytesAsync(file), (await curl.Raw.GetAsync(curl.Bucket, "big")).Body);
    }

    private static string Curl => InstalledPrograms.Need("curl");

    private async Task<ClientSession> OpenAsync()
    {
        _ = Curl;
        var curl = await ClientSession.OpenAsync(servers, "curl");
        Assert.Equal("200", await StatusAsync(curl, "", "-X", "PUT"));
        return curl;
    }

    private static async Task<string> StatusAsync(ClientSession curl, string path, params string[] arguments)
    {
        string[] output = arguments.Contains("-o") ? [] : ["-o", "/dev/null"];
        return (await RunAsync(curl, path, ["-w", "%{http_code}", .. output, .. arguments])).StandardOutput;
    }

    // This curl does not hash an upload's body itself, so the payload stays unsigned.
    private static Task<ProgramResult> RunAsync(ClientSession curl, string path, params string[] arguments) =>
        curl.RunAsync(
            Curl,
            [
                "--silent",
                "--show-error",
                "--aws-sigv4",
                $"aws:amz:{curl.Endpoint.Region}:s3",
                "--user",
                $"{curl.Endpoint.AccessKey}:{curl.Endpoint.SecretKey}",
                "-H",
                "x-amz-content-sha256: UNSIGNED-PAYLOAD",
                .. arguments,
                $"{curl.Endpoint.Address}/{curl.Bucket}{path}",
            ]
        );
}
