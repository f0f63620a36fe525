using System.Text.Json;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Directories of the server as disks: who may read them, from where, and changing what is in them.</summary>
public sealed class DiskTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task A_directory_is_attached_and_read_with_the_credentials_of_a_new_user()
    {
        string python = InstalledPrograms.Need(InstalledPrograms.PythonsWithBoto3[0]);
        string name = NewName("attached");
        string directory = Path.Combine(Stage.DiskRoot, name);
        WriteFile(Path.Combine(directory, "reports", "2026.txt"), 1234);
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/disks", "Disks");
        await page.Button("New disk").First.ClickAsync();
        await page.Field("Name").FillAsync(name);
        await page.ChooseAsync("Holds", "A directory that exists on the server");
        await page.Field("Path on the server").FillAsync(directory);
        await page.AnswerAsync("Create");
        await Expect(page.Heading(name)).ToBeVisibleAsync();

        // The secret is shown once: with a program that uses it, and never again.
        await page.Button("Add user").ClickAsync();
        await page.Field("Name").FillAsync("render farm");
        await page.Button("Add").ClickAsync();
        string program = await page.SnippetAsync("boto3");
        await Expect(page.Button("Done")).ToBeDisabledAsync();
        await page.StoredAsync();
        string secret = System.Text.RegularExpressions.Regex.Match(program, "aws_secret_access_key=\"(.+)\"").Groups[1].Value;
        Assert.NotEmpty(secret);
        await page.Page.ReloadAsync();
        await Expect(page.Row("render farm")).ToBeVisibleAsync();
        Assert.DoesNotContain(secret, await page.Page.ContentAsync(), StringComparison.Ordinal);

        TemporaryDirectory home = NewDirectory();
        string disk = page.Page.Url.Split('/')[^3];
        await File.WriteAllTextAsync(home.PathOf("read.py"), program + $"\ns3.download_file('{disk}', 'reports/2026.txt', 'back')\n", Cancel);
        Assert.Contains("reports/2026.txt 1234", await Programs.RunAsync(home, $"{python} read.py"), StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(directory, "reports", "2026.txt"), Cancel), await File.ReadAllBytesAsync(home.PathOf("back"), Cancel));

        // From elsewhere only; then for nobody.
        await page.Link("Allowed IPs").ClickAsync();
        await page.Page.GetByLabel("Addresses and networks").First.FillAsync("not an address");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Button("Save").ClickAsync();
        await Expect(page.Alert.First).ToBeVisibleAsync();
        await page.Button("Undo").ClickAsync();
        await page.Page.GetByLabel("Addresses and networks").First.FillAsync("192.0.2.0/24");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Button("Save").ClickAsync();
        await page.ExpectAsync("Saved.");
        (int code, string output) = await Programs.TryRunAsync(home, $"{python} read.py");
        Assert.NotEqual(0, code);
        Assert.Contains("AccessDenied", output, StringComparison.Ordinal);
        Assert.Equal("192.0.2.0/24", Assert.Single((await Stage.Api.GetAsync($"/api/disks/{disk}/allowed-ips")).GetProperty("allowedIps").EnumerateArray()).GetString());

        await page.Link("Authorized users").ClickAsync();
        await page.Row("render farm").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.AnswerAsync("Remove");
        await page.ExpectAsync("Nobody yet");
    }

    [Fact]
    public async Task A_disk_is_changed_where_its_writing_is_on()
    {
        string name = NewName("written");
        string directory = Path.Combine(Stage.DiskRoot, name);
        WriteFile(Path.Combine(directory, "first.txt"), 10);
        JsonElement made = await Stage.Api.PostAsync("/api/disks", new { name, mounts = new[] { new { type = "local", path = directory } } });
        string disk = made.GetProperty("diskId").GetString()!;
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/disks/{disk}", name);
        await page.ExpectAsync("This disk can only be read here.");
        await Expect(page.Button("Upload")).ToHaveCountAsync(0);
        await page.Files.ExpectAsync("first.txt");
        await page.Link("Settings").ClickAsync();
        await page.ToggleAsync("Can be written here");
        await page.ExpectAsync("Saved.");
        await page.Link("Files").ClickAsync();

        await page.Button("New folder").ClickAsync();
        await page.Field("Name").FillAsync("clips");
        await page.AnswerAsync("Create");
        Assert.True(Directory.Exists(Path.Combine(directory, "clips")));
        await page.Files.OpenAsync("clips/");
        string large = NewDirectory().PathOf("large.bin");
        byte[] content = WriteFile(large, 20 << 20);
        await page.Files.UploadAsync(large);
        await page.Uploads.UploadedAsync(1);
        await page.Files.ExpectAsync("large.bin");
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(directory, "clips", "large.bin"), Cancel));

        await page.Files.ActAsync("large.bin", "Rename…");
        await page.Field("New key").FillAsync("clips/renamed.bin");
        await page.AnswerAsync("Rename");
        await page.Files.ExpectAsync("renamed.bin");
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(directory, "clips", "renamed.bin"), Cancel));

        await page.OpenAsync($"/disks/{disk}", name);
        await page.Files.SelectAsync("clips/");
        await page.Files.WithSelectedAsync("Delete");
        await page.AnswerAsync("Delete");
        await page.Files.ExpectAsync("first.txt");
        Assert.False(Directory.Exists(Path.Combine(directory, "clips")));

        // Its files are previewed and shared as those of a bucket.
        await page.Files.OpenAsync("first.txt");
        await Expect(page.Heading("first.txt")).ToBeVisibleAsync();
        await page.Button("Share").ClickAsync();
        string link = await page.MakeLinkAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(directory, "first.txt"), Cancel), await http.GetByteArrayAsync(new Uri(link), Cancel));
    }
}
