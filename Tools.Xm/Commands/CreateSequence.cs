using Hospes.Sxp;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;
using Hospes.Xm.Commands.Security;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Commands;

/// <summary>
/// Creates a domain, attaches to its console while it is still paused, and lets it run. A signal on the way, or an error,
/// leaves no domain behind.
/// </summary>
/// <param name="session">What it works with.</param>
/// <param name="make">Has xend make the domain; the argument takes note of the one handle on a domain whose answer never comes.</param>
/// <param name="paused">Leave it paused.</param>
/// <param name="attachConsole">Go on as its console.</param>
internal sealed class CreateSequence(XmSession session, Func<Action<string>, DomainInfo> make, bool paused, bool attachConsole)
{
    private const int Failure = 1;
    private const int SignalBase = 128;

    private readonly XmEnvironment _environment = session.Environment;
    private volatile int _signal;

    /// <summary>Creates a domain from a form.</summary>
    public static CreateSequence From(XmSession session, SxpList form, bool paused, bool attachConsole) => new(
        session,
        note =>
        {
            // An identity of our own, unless the person chose one.
            if (form.Value("uuid") is not null)
                return SecurityReport.Explain(session, form, () => session.Xend.Create(form.ToString()));
            string uuid = Guid.NewGuid().ToString();
            note(uuid);
            return SecurityReport.Explain(session, form, () => session.Xend.Create(form.With(new SxpList("uuid", uuid)).ToString()));
        },
        paused,
        attachConsole);

    /// <returns>The exit status.</returns>
    public int Run()
    {
        using CancellationTokenSource givingUp = new();
        using CancellationTokenRegistration abort = givingUp.Token.Register(session.Xend.Abort);
        using IDisposable handler = _environment.Interrupts.Handle(signal =>
        {
            _signal = signal;
            givingUp.CancelAfter(_environment.InterruptPatience);
        });
        DomainInfo? domain = Create();
        if (domain is null)
            return Interrupted();
        ConsoleSession? console = null;
        try
        {
            console = attachConsole ? OpenConsole(domain) : null;
            if (!paused && _signal == 0)
                session.Xend.Post(domain.Reference, "unpause");
            if (_signal != 0)
            {
                Destroy(domain.Reference);
                return Interrupted();
            }

            session.Out.Write($"Started domain {domain.Name}\n");
            if (!attachConsole)
                return 0;
            if (console is null)
                return Failure;
            ConsoleEnd end = console.Run(_environment.Interrupts, () => _signal);
            if (_signal == 0)
                return ConsoleCommand.ExitStatus(end, console);
            Destroy(domain.Reference); // the signal came before the console took over
            return Interrupted();
        }
        catch (Exception failure) when (failure is XendFaultException or MalformedReplyException)
        {
            Destroy(domain.Reference);
            throw;
        }
        finally
        {
            console?.Dispose();
        }
    }

    /// <summary>
    /// Has the domain made. An interrupt meanwhile does not end the request: only its answer says what there is to destroy.
    /// </summary>
    /// <returns>Null if a signal came and there is no domain any more.</returns>
    private DomainInfo? Create()
    {
        string? handle = null;
        try
        {
            DomainInfo domain = make(name => handle = name);
            if (_signal == 0)
                return domain;
            Destroy(domain.Reference);
        }
        catch (XendFaultException) when (_signal != 0)
        {
            // It was refused: there is nothing to destroy.
        }
        catch (MalformedReplyException) when (_signal != 0)
        {
            if (handle is not null)
                Destroy(handle);
        }

        return null;
    }

    private ConsoleSession? OpenConsole(DomainInfo domain)
    {
        try
        {
            return ConsoleCommand.Open(session, domain.Reference);
        }
        catch (Exception failure) when (failure is XendFaultException or MalformedReplyException or CommandFailedException)
        {
            session.Error.Write($"Could not start console\n{failure.Message}\n");
            return null;
        }
    }

    private void Destroy(string reference)
    {
        try
        {
            session.Xend.Post(reference, "destroy");
        }
        catch (XendFaultException fault) when (fault.IsUnknownDomain)
        {
            // It is gone already, which is what was wanted.
        }
        catch (Exception failure) when (failure is XendFaultException or MalformedReplyException or XendUnreachableException)
        {
            session.Error.Write($"Error: The domain could not be destroyed: {failure.Message}. See xm list.\n");
        }
    }

    private int Interrupted()
    {
        session.Out.Write("Interrupted.\n");
        return _signal == Interrupts.Interrupt ? 0 : SignalBase + _signal;
    }
}
