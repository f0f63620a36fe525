using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>The files of a bucket or of a disk.</summary>
public sealed class FileBrowser(ConsolePage page)
{
    public ILocator Table => page.Page.GetByRole(AriaRole.Table, new() { Name = "Files", Exact = true });

    public ILocator Entry(string name) => Table.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Search => page.Field("Find by the beginning of the name");

    public ILocator Toolbar => page.Page.GetByRole(AriaRole.Toolbar, new() { Name = "With what is selected" });

    /// <summary>Uploads files, as if they were picked.</summary>
    public Task UploadAsync(params string[] paths) => page.Page.GetByLabel("Files to upload", new() { Exact = true }).SetInputFilesAsync(paths);

    /// <summary>Uploads a folder, as if it was picked.</summary>
    public Task UploadFolderAsync(string path) => page.Page.GetByLabel("Folder to upload", new() { Exact = true }).SetInputFilesAsync(path);

    /// <summary>Drops files or folders of this machine on the page, as the browser sees them when a person drags them there.</summary>
    public async Task DropAsync(params string[] paths)
    {
        ICDPSession browser = await page.Visit.Context.NewCDPSessionAsync(page.Page);
        foreach (string type in new[] { "dragEnter", "dragOver", "drop" })
        {
            await browser.SendAsync("Input.dispatchDragEvent", new()
            {
                ["type"] = type, ["x"] = 500, ["y"] = 400, ["data"] = new Dictionary<string, object> { ["items"] = Array.Empty<object>(), ["files"] = paths, ["dragOperationsMask"] = 1 },
            });
        }

        await browser.DetachAsync();
    }

    public Task OpenAsync(string name) => Entry(name).ClickAsync();

    public Task SelectAsync(string name) => Table.GetByRole(AriaRole.Checkbox, new() { Name = $"Select {name}", Exact = true }).ClickAsync();

    /// <summary>Does something with what is selected.</summary>
    public Task WithSelectedAsync(string what) => Toolbar.GetByRole(AriaRole.Button, new() { Name = what, Exact = true }).ClickAsync();

    /// <summary>Chooses from the menu of one entry.</summary>
    public Task ActAsync(string name, string action) => page.MenuAsync($"Actions for {name}", action);

    /// <summary>Waits until these entries, and no others, are listed.</summary>
    public Task ExpectAsync(params string[] names) => Expect(Table.GetByRole(AriaRole.Link)).ToHaveTextAsync(names);
}
