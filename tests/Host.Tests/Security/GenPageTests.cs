using Hospes.Host.Tests.Support;
using Microsoft.Playwright;

namespace Hospes.Host.Tests.Security;

/// <summary>xensec_gen in a real browser: a policy's labels refined one by one, saved, and enforced as they were ticked.</summary>
public sealed class GenPageTests : IAsyncLifetime
{
    private const string Policy = "gen.test";

    private Appliance _appliance = null!;
    private string _address = "";

    public async Task InitializeAsync()
    {
        int port = FreePort.Find();
        _address = $"http://localhost:{port}/xensec_gen";
        _appliance = await Appliance.StartAsync($"(xend-http-server yes)\n(xend-address localhost)\n(xend-port {port})\n", isSecure: true);
        await _appliance.PostAsync("v1/security/workloads", new { definition = "ezpolicy = {'orgs': [['Avis', []], ['CocaCola', ['Payroll']], ['PepsiCo', []]], 'cons': [['RER1', ['CocaCola', 'PepsiCo']]]}", policy = Policy, save = 1 });
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [SkippableFact]
    public async Task Labels_are_refined()
    {
        await using PolicyBrowser browser = await PolicyBrowser.StartAsync(_address);
        IPage page = browser.Page;
        (await page.IsDisabledAsync("#add-vm")).Should().BeTrue("there is no policy yet");
        await browser.AnswerAsync("#load", "no.such");
        await page.WaitForSelectorAsync("#message.error:has-text(\"Unknown policy 'no.such'\")");
        await browser.AnswerAsync("#load", Policy);
        await page.WaitForSelectorAsync("#vms [data-name='Avis']");

        // A label that may share with both rivals, and runs beside neither: a type for it, and a resource of its own.
        await browser.AnswerAsync("#add-ste", "Archive");
        await browser.AnswerAsync("#add-vm", "Auditor");
        foreach (string type in (string[])["CocaCola", "PepsiCo", "Archive"])
            await page.CheckAsync(Box("#vms", "Auditor", "Simple Type Enforcement", type));
        await browser.AnswerAsync("#add-res", "Archive");
        await page.CheckAsync(Box("#resources", "Archive", "Simple Type Enforcement", "Archive"));
        await page.CheckAsync(Box("#vms", "SystemManagement", "Simple Type Enforcement", "Archive"));
        await page.ClickAsync("#vms [data-name='Avis'] th button");
        await page.FillAsync("#answer", "Rental");
        await page.ClickAsync("#ok");
        foreach (string type in (string[])["CocaCola", "PepsiCo"])
            await page.CheckAsync(Box("#vms", "Rental", "Chinese Wall", type));
        await browser.ShowsAsync("#message", "Label 'Rental' holds two types of conflict set 'RER1'.");
        await browser.ShowAsync("gen-labels");
        await page.ClickAsync("#save");
        await page.WaitForSelectorAsync("#message.error:has-text('Label >Rental< holds types >CocaCola<, >PepsiCo< of conflict set >RER1<')"); // xend judges by itself
        await page.UncheckAsync(Box("#vms", "Rental", "Chinese Wall", "CocaCola"));
        await page.UncheckAsync(Box("#vms", "Rental", "Chinese Wall", "PepsiCo"));
        await SaveAsync(page);
        await browser.Expect("#message").ToContainTextAsync($"Policy '{Policy}' saved as ");
        browser.Faults.Should().BeEmpty();

        await _appliance.PostAsync("v1/security/install", new { policy = Policy, load = 1 });
        (await _appliance.GetAsync("v1/security/labels")).AsArray().Select(static label => (string)label!).Should().Equal("Auditor", "CocaCola", "CocaCola.Payroll", "PepsiCo", "Rental", "SystemManagement");
        (await _appliance.TextAsync("v1/security/source")).Should().Contain("<Name from=\"Avis\">Rental</Name>");

        Task<IDownload> made = page.WaitForDownloadAsync();
        await page.ClickAsync("#generate");
        IDownload xml = await made;
        xml.SuggestedFilename.Should().Be("security_policy.xml");
        string file = _appliance.Temporary("security_policy.xml");
        await xml.SaveAsAsync(file);
        string before = (string)(await _appliance.GetAsync("v1/security"))["fingerprint"]!;
        await _appliance.PostAsync("v1/security/install", new { source = await File.ReadAllTextAsync(file), load = 1 });
        ((string)(await _appliance.GetAsync("v1/security"))["fingerprint"]!).Should().Be(before, "it is the same policy");

        // What is taken away takes its ticks along.
        await page.SetInputFilesAsync("#open", file);
        await page.ClickAsync("#types li:has-text('STE CocaCola'):not(:has-text('Payroll')) button");
        await browser.ShowsAsync("#message", "Resource label 'CocaCola' has no type: nobody could use what has it.");
        await page.ClickAsync("#resources [data-name='CocaCola'] td button");
        await page.ClickAsync("#sets [data-name='RER1'] td button");
        await browser.ShowAsync("gen-fewer");
        await SaveAsync(page);
        (await _appliance.TextAsync($"v1/security/source?policy={Policy}")).Should().NotContain("Conflict ").And.Contain("Archive");
    }

    // The page asks whether it may replace what is there.
    private static async Task SaveAsync(IPage page)
    {
        void Accept(object? sender, IDialog dialog) => dialog.AcceptAsync();
        page.Dialog += Accept;
        Task<IResponse> answered = page.WaitForResponseAsync(static answer => answer.Url.EndsWith("/workloads", StringComparison.Ordinal) && answer.Request.PostData!.Contains("\"overwrite\":1", StringComparison.Ordinal));
        await page.ClickAsync("#save");
        await answered;
        await page.WaitForSelectorAsync("#message:has-text('saved as')");
        page.Dialog -= Accept;
    }

    private static string Box(string table, string label, string component, string type) => $"{table} input[aria-label='{label}: {component} {type}']";
}
