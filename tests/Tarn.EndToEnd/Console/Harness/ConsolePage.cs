using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>The console as people meet it: by the roles and names of what is on the page, never by its markup.</summary>
public sealed class ConsolePage(Visit visit, string origin)
{
    public Visit Visit => visit;

    public IPage Page => visit.Page;

    /// <summary>The page's own part, without what is around every page.</summary>
    public ILocator Main => Page.GetByRole(AriaRole.Main);

    public ILocator Places => Page.GetByRole(AriaRole.Navigation, new() { Name = "Places" });

    /// <summary>The dialog that was opened last: one that is closing stays for its transition while the next already opens.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog).Last;

    public ILocator Alert => Page.GetByRole(AriaRole.Alert);

    public FileBrowser Files => new(this);

    public UploadPanel Uploads => new(this);

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 });

    /// <summary>A part of the page with its title.</summary>
    public ILocator Section(string title) =>
        Page.Locator("section").Filter(new() { Has = Page.GetByRole(AriaRole.Heading, new() { Name = title, Exact = true, Level = 2 }) });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Field(string label) => Page.GetByRole(AriaRole.Textbox, new() { Name = label, Exact = true });

    public ILocator Text(string text) => Page.GetByText(text, new() { Exact = true });

    /// <summary>The row of a table in which a text is.</summary>
    public ILocator Row(string text) => Main.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    public Task<IResponse?> GoToAsync(string path) => Page.GotoAsync(origin + path);

    /// <summary>Goes to a place of the console and waits for its head.</summary>
    public async Task OpenAsync(string path, string heading)
    {
        await GoToAsync(path);
        await Expect(Heading(heading)).ToBeVisibleAsync();
    }

    public Task SignInAsync(Credentials key) => SignInAsync(key.AccessKey, key.SecretKey);

    public async Task SignInAsync(string accessKey, string secretKey)
    {
        await Page.GetByRole(AriaRole.Tab, new() { Name = "Access key" }).ClickAsync();
        await Field("Access key").FillAsync(accessKey);
        await Page.GetByLabel("Secret key", new() { Exact = true }).FillAsync(secretKey);
        await Button("Sign in").ClickAsync();
    }

    public async Task SignInWithTokenAsync(string token)
    {
        await Page.GetByRole(AriaRole.Tab, new() { Name = "API token" }).ClickAsync();
        await Page.GetByLabel("Token", new() { Exact = true }).FillAsync(token);
        await Button("Sign in").ClickAsync();
    }

    public async Task SignOutAsync()
    {
        await OpenAccountAsync();
        await MenuItem("Sign out").ClickAsync();
    }

    /// <summary>Opens the menu of who is signed in.</summary>
    public Task OpenAccountAsync() => Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Account ") }).ClickAsync();

    public ILocator MenuItem(string name) => Page.GetByRole(AriaRole.Menuitem, new() { Name = name, Exact = true });

    /// <summary>Opens a menu and chooses from it.</summary>
    public async Task MenuAsync(string button, string item)
    {
        await Button(button).ClickAsync();
        await MenuItem(item).ClickAsync();
    }

    /// <summary>Chooses from a list that opens beneath its field.</summary>
    public async Task ChooseAsync(string label, string option)
    {
        await Page.GetByLabel(label, new() { Exact = true }).First.ClickAsync();
        await Page.GetByRole(AriaRole.Option, new() { Name = option, Exact = true }).ClickAsync();
    }

    /// <summary>Clicks a switch, box or choice by its label, with which its name begins.</summary>
    public Task ToggleAsync(string label)
    {
        var named = new PageGetByRoleOptions { NameRegex = new Regex("^" + Regex.Escape(label)) };
        return Page.GetByRole(AriaRole.Switch, named).Or(Page.GetByRole(AriaRole.Checkbox, named)).Or(Page.GetByRole(AriaRole.Radio, named)).ClickAsync();
    }

    /// <summary>What is shown to paste into a program.</summary>
    public async Task<string> SnippetAsync(string program)
    {
        await Page.GetByRole(AriaRole.Tab, new() { Name = program, Exact = true }).ClickAsync();
        return await Page.GetByRole(AriaRole.Tabpanel).GetByLabel(program, new() { Exact = true }).InnerTextAsync();
    }

    /// <summary>The key that is shown, this once.</summary>
    public async Task<Credentials> KeyOnceAsync()
    {
        await Expect(Dialog).ToContainTextAsync("This is shown once.");
        string[] lines = (await Page.GetByLabel("all of it", new() { Exact = true }).InnerTextAsync()).Split('\n');
        await Expect(Button("Done")).ToBeDisabledAsync();
        await StoredAsync();
        return new(lines[0].Split(": ")[1], lines[1].Split(": ")[1]);
    }

    /// <summary>Says that what is shown once has been stored, which closes it.</summary>
    public async Task StoredAsync()
    {
        await ToggleAsync("I have stored it");
        await AnswerAsync("Done");
    }

    /// <summary>Has the dialog for sharing make a link, which is returned.</summary>
    public async Task<string> MakeLinkAsync()
    {
        await Button("Make a link").ClickAsync();
        return await Page.GetByLabel("link", new() { Exact = true }).InnerTextAsync();
    }

    /// <summary>Answers the dialog that is open, and waits until it is gone.</summary>
    public async Task AnswerAsync(string button)
    {
        await Dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        try
        {
            await Expect(Dialog).ToBeHiddenAsync();
        }
        catch (PlaywrightException)
        {
            Assert.Fail("The dialog stays: " + await Dialog.InnerTextAsync());
        }
    }

    /// <summary>As above, where the dialog asks for the name to be typed.</summary>
    public async Task AnswerAsync(string button, string typed)
    {
        await Dialog.GetByRole(AriaRole.Textbox).FillAsync(typed);
        await AnswerAsync(button);
    }

    /// <summary>The value of a fact in a list of names and values.</summary>
    public ILocator Fact(string name) => Main.GetByRole(AriaRole.Definition).Filter(new() { Has = Page.Locator($"xpath=self::*[preceding-sibling::dt[1][normalize-space()='{name}']]") });

    public Task ExpectAsync(string text) => Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>Waits until nothing of the page is on its way. Its title comes first: what is shown of an object may have one too.</summary>
    public async Task SettledAsync()
    {
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First).ToBeVisibleAsync();
        await Expect(Page.GetByLabel("Loading")).ToHaveCountAsync(0);
    }
}
