use std::io::{self, ErrorKind};
use std::net;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use anyrt_net::{Datagram, Interest, Listener, NetRuntime, OsNet, OsSocket, Stream, Tcp, Udp};

use super::fault::is;
use super::{Broken, BrokenListener, BrokenStream, BrokenUdp, Fault};

anyrt_conformance_engine::mutants! { Fault;
    gives_back_another: "the stream that is given back to std is another one",
        killed by "net::into_std_keeps_the_socket";
    mode_is_kept: "a socket of std's that blocks still blocks when it was taken over",
        killed by "net::from_std_any_mode";
    registers_another: "what is registered is another descriptor",
        killed by "net::registers_pipes", "net::refuses_files";
    tries_nothing: "`try_io` does not call its operation",
        killed by "net::try_io_on_the_descriptor";
}

impl<S: Stream + AsFd> AsFd for BrokenStream<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get().as_fd()
    }
}

impl<L: Listener + AsFd> AsFd for BrokenListener<L> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get().as_fd()
    }
}

impl<S: Datagram + AsFd> AsFd for BrokenUdp<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get().as_fd()
    }
}

impl<S: Stream + OsSocket> OsSocket for BrokenStream<S> {
    fn try_io<T>(&self, interest: Interest, op: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if is(Fault::tries_nothing) {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.get().try_io(interest, op)
    }
}

impl<S: Datagram + OsSocket> OsSocket for BrokenUdp<S> {
    fn try_io<T>(&self, interest: Interest, op: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.get().try_io(interest, op)
    }
}

/// Makes a socket blocking again after its runtime took it over, where that is the fault.
fn take<S: AsFd, T>(socket: S, over: impl FnOnce(S) -> io::Result<T>) -> io::Result<T> {
    let same = socket.as_fd().try_clone_to_owned()?;
    let taken = over(socket)?;
    if is(Fault::mode_is_kept) {
        // Any socket will do: the mode is the descriptor's.
        UnixStream::from(same).set_nonblocking(false)?;
    }
    Ok(taken)
}

impl<R: NetRuntime + OsNet> OsNet for Broken<R> {
    type Registered = R::Registered;

    fn tcp_from_std(&self, stream: net::TcpStream) -> io::Result<Self::TcpStream> {
        let stream = take(stream, |it| self.inner().tcp_from_std(it))?;
        Ok(BrokenStream::new(stream, self.alive()))
    }

    fn tcp_listener_from_std(&self, listener: net::TcpListener) -> io::Result<Self::TcpListener> {
        let listener = take(listener, |it| self.inner().tcp_listener_from_std(it))?;
        Ok(BrokenListener::new(listener))
    }

    fn udp_from_std(&self, socket: net::UdpSocket) -> io::Result<Self::UdpSocket> {
        let socket = take(socket, |it| self.inner().udp_from_std(it))?;
        Ok(BrokenUdp::new(socket))
    }

    fn tcp_into_std(&self, stream: <Self as Tcp>::TcpStream) -> io::Result<net::TcpStream> {
        let stream = self.inner().tcp_into_std(stream.into_inner())?;
        if is(Fault::gives_back_another) {
            return net::TcpStream::connect(stream.peer_addr()?);
        }
        Ok(stream)
    }

    fn tcp_listener_into_std(
        &self,
        listener: <Self as Tcp>::TcpListener,
    ) -> io::Result<net::TcpListener> {
        self.inner().tcp_listener_into_std(listener.into_inner())
    }

    fn udp_into_std(&self, socket: <Self as Udp>::UdpSocket) -> io::Result<net::UdpSocket> {
        self.inner().udp_into_std(socket.into_inner())
    }

    fn register(&self, socket: OwnedFd) -> io::Result<R::Registered> {
        if is(Fault::registers_another) {
            let (one, other) = UnixStream::pair()?;
            std::mem::forget(other);
            return self.inner().register(one.into());
        }
        self.inner().register(socket)
    }
}
