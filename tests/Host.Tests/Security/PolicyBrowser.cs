using Microsoft.Playwright;

namespace Hospes.Host.Tests.Security;

/// <summary>One of the policy's pages in Debian's chromium. Screenshots are left where HOSPES_SCREENSHOTS says.</summary>
internal sealed class PolicyBrowser : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private PolicyBrowser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        _playwright = playwright;
        _browser = browser;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>What scripts have thrown, and what the page's own rules have kept from it.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Opens an address; skips the test where there is no browser.</summary>
    public static async Task<PolicyBrowser> StartAsync(string address)
    {
        Skip.IfNot(File.Exists(Program), "chromium (package chromium) is not installed");
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox"] });
        PolicyBrowser made = new(playwright, browser, await browser.NewPageAsync());
        made.Page.PageError += (_, error) => made.Faults.Add(error);
        made.Page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                made.Faults.Add(message.Text);
        };
        await made.Page.GotoAsync(address);
        return made;
    }

    /// <summary>Presses a button that asks for something, and answers.</summary>
    public async Task AnswerAsync(string button, string text)
    {
        await Page.ClickAsync(button);
        await Page.FillAsync("#answer", text);
        await Page.ClickAsync("#ok");
    }

    /// <summary>What is to be expected of a part of the page, sooner or later: its scripts run when the browser lets them.</summary>
    public ILocatorAssertions Expect(string selector) => Assertions.Expect(Page.Locator(selector));

    /// <summary>Waits until a part of the page says that and no more.</summary>
    public Task ShowsAsync(string selector, string text) =>
        Expect(selector).ToHaveTextAsync(text, new LocatorAssertionsToHaveTextOptions { UseInnerText = true, Timeout = 30_000 });

    public async Task ShowAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("HOSPES_SCREENSHOTS") is { Length: > 0 } directory)
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, $"{name}.png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
