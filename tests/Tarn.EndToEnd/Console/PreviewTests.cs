using System.IO.Compression;
using System.Text;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>What is in an object is shown as what it is, and never as markup of the page.</summary>
public sealed class PreviewTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Theory]
    [InlineData("notes.txt", "text/plain", "one\n<b>two</b>\n", "<b>two</b>")]
    [InlineData("program.html", "text/html", "<h1>shown</h1><script>document.title='run'</script>", "<h1>shown</h1>")]
    [InlineData("drawing.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "onload")]
    [InlineData("config.json", "application/json", "{\"keep\":12,\"targets\":[\"eu\"]}", "  \"keep\": 12,")]
    [InlineData("blob", "application/octet-stream", "of no known kind", null)]
    public async Task Text_is_shown_as_text(string key, string type, string content, string? shown)
    {
        ConsolePage page = await OpenAsync(key, type, Encoding.UTF8.GetBytes(content));
        if (shown is null)
        {
            await page.ExpectAsync("There is no preview of this kind.");
            await page.Button("Show as text").ClickAsync();
        }

        await Expect(page.Page.GetByLabel("Text of the object")).ToContainTextAsync(shown ?? content);
        await Expect(page.Page).ToHaveTitleAsync($"{key} · Tarn");
    }

    [Fact]
    public async Task A_table_is_shown_as_one()
    {
        ConsolePage page = await OpenAsync("regions.csv", "text/csv", "region,requests\r\n\"north, far\",12\r\nsouth,7\r\n"u8.ToArray());
        ILocator table = page.Page.GetByRole(AriaRole.Region, new() { Name = "Rows" });
        await Expect(table.GetByRole(AriaRole.Columnheader)).ToHaveTextAsync(["region", "requests"]);
        await Expect(table.GetByRole(AriaRole.Cell)).ToHaveTextAsync(["north, far", "12", "south", "7"]);
        await page.Button("Show it as it is stored").ClickAsync();
        await Expect(page.Page.GetByLabel("Text of the object")).ToContainTextAsync("\"north, far\",12");
    }

    [Fact]
    public async Task Markdown_is_formatted_without_what_could_act()
    {
        const string Text = "# Read me\n\nA [link](https://example.com/) and [another](javascript:alert(1)).\n\n<img src=x onerror=alert(2)>\n\n![remote](https://example.invalid/pixel.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        ConsolePage page = await OpenAsync("read me.md", "text/markdown", Encoding.UTF8.GetBytes(Text));
        ILocator preview = page.Section("Preview");
        await Expect(preview.GetByRole(AriaRole.Heading, new() { Name = "Read me" })).ToBeVisibleAsync();
        await Expect(preview.GetByRole(AriaRole.Link)).ToHaveTextAsync(["link"]);
        await Expect(preview.GetByRole(AriaRole.Img)).ToHaveCountAsync(0);
        await Expect(preview.GetByRole(AriaRole.Cell)).ToHaveTextAsync(["1", "2"]);
        await page.Button("Show it as it is stored").ClickAsync();
        await Expect(page.Page.GetByLabel("Text of the object")).ToContainTextAsync("javascript:alert(1)");
    }

    [Fact]
    public async Task An_image_is_shown()
    {
        ConsolePage page = await OpenAsync("dot.png", "image/png", Png(7, 5));
        ILocator image = page.Section("Preview").GetByRole(AriaRole.Img);
        await Expect(image).ToBeVisibleAsync();
        await Expect(image).ToHaveJSPropertyAsync("naturalWidth", 7);
        await Expect(image).ToHaveJSPropertyAsync("naturalHeight", 5);
    }

    [Fact]
    public async Task A_picture_that_is_none_says_so()
    {
        ConsolePage page = await OpenAsync("dot.png", "image/png", "not a picture"u8.ToArray());
        await page.ExpectAsync("The browser cannot show it.");
    }

    [Fact]
    public async Task A_document_is_a_frame_of_the_s3_origin()
    {
        NeedsWholeBrowser = true; // which has the viewer
        var asked = new TaskCompletionSource<IResponse>();
        ConsolePage page = await OpenAsync("paper.pdf", "application/octet-stream", Pdf(), found => found.Context.Response += (_, answer) =>
        {
            if (answer.Request.IsNavigationRequest && answer.Frame.ParentFrame is not null)
            {
                asked.TrySetResult(answer);
            }
        });
        await Expect(page.Section("Preview").GetByTitle("The document")).ToBeVisibleAsync();
        IResponse document = await asked.Task.WaitAsync(Cancel);
        Assert.Equal(200, document.Status);
        Assert.Equal(Stage.Server.Endpoint.S3.Authority, new Uri(document.Url).Authority);
        Assert.Equal("application/pdf", (await document.AllHeadersAsync())["content-type"]);
    }

    [Fact]
    public async Task Of_a_large_text_the_first_mebibyte_is_read()
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(line => Invariant($"line {line}\n"))));
        ConsolePage page = await OpenAsync("large.log", "text/plain", content);
        await page.ExpectAsync("The first MiB of");
        string shown = (await page.Page.GetByLabel("Text of the object").TextContentAsync())!;
        Assert.InRange(shown.Length, (1 << 20) - 4, 1 << 20);
    }

    private async Task<ConsolePage> OpenAsync(string key, string type, byte[] content, Action<Visit>? watch = null)
    {
        string bucket = await NewBucketAsync();
        await S3.PutObjectAsync(new() { BucketName = bucket, Key = "a folder/" + key, InputStream = new MemoryStream(content), ContentType = type }, Cancel);
        ConsolePage page = await SignedInAsync();
        watch?.Invoke(page.Visit);
        await page.OpenAsync($"/buckets/{bucket}?prefix=a folder/", "a folder");
        await page.Files.OpenAsync(key);
        await Expect(page.Heading(key)).ToBeVisibleAsync();
        await Expect(page.Section("Preview")).ToBeVisibleAsync();
        return page;
    }

    /// <summary>A picture of one colour. Source: PNG, third edition, W3C.</summary>
    private static byte[] Png(int width, int height)
    {
        using var file = new MemoryStream();
        file.Write([137, 80, 78, 71, 13, 10, 26, 10]);
        Chunk("IHDR", [0, 0, 0, (byte)width, 0, 0, 0, (byte)height, 8, 0, 0, 0, 0]);
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(new byte[(width + 1) * height]);
        }

        Chunk("IDAT", rows.ToArray());
        Chunk("IEND", []);
        return file.ToArray();

        void Chunk(string name, byte[] data)
        {
            Span<byte> number = stackalloc byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            file.Write(number);
            byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
            file.Write(body);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(number, System.IO.Hashing.Crc32.HashToUInt32(body));
            file.Write(number);
        }
    }

    private static byte[] Pdf() =>
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"u8.ToArray();
}
