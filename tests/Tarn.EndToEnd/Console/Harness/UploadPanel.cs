using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>What is being uploaded, in the corner of every page.</summary>
public sealed class UploadPanel(ConsolePage page)
{
    public ILocator Panel => page.Page.GetByRole(AriaRole.Region, new() { Name = "Uploads", Exact = true });

    /// <summary>How far one file or, with the name <c>All uploads</c>, everything is.</summary>
    public ILocator Progress(string name) => Panel.GetByRole(AriaRole.Progressbar, new() { Name = name, Exact = true });

    public ILocator Item(string name) => Panel.GetByRole(AriaRole.Listitem).Filter(new() { HasText = name });

    /// <summary>Does something with one file: <c>Pause</c>, <c>Resume</c>, <c>Replace</c>, <c>Cancel</c>.</summary>
    public Task ActAsync(string action, string name) => Panel.GetByRole(AriaRole.Button, new() { Name = $"{action}: {name}", Exact = true }).ClickAsync();

    /// <summary>Picks the file again of an upload that was interrupted.</summary>
    public Task PickAsync(string name, string path) => Panel.GetByLabel($"The file {name}", new() { Exact = true }).SetInputFilesAsync(path);

    public Task ExpectAsync(string text) => Expect(Panel).ToContainTextAsync(text);

    public Task ExpectAsync(Regex text) => Expect(Panel).ToContainTextAsync(text);

    public Task UploadedAsync(int files) => ExpectAsync(files == 1 ? "1 file uploaded" : $"{files} files uploaded");

    /// <summary>Lets no more than the first part of an upload arrive before <see cref="ReleaseParts"/>.</summary>
    public Task HoldPartsAsync() => page.Visit.Parts.HoldAsync(page.Page);

    public void ReleaseParts() => page.Visit.Parts.Release();
}
